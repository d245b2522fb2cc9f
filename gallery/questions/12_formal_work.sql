-- topic: labour
-- id: Berapa persen pekerja yang bekerja di kegiatan formal?
-- en: What share of those in work has a formal job?
select
    place.region_code,
    place.name as region_name,
    figure.period_label,
    cast(
        case
            when figure.indicator_id = 'informal_employment_share'
                then 100 - figure.value
            else figure.value
        end as decimal(9, 2)
    ) as formal_share_pct,
    figure.indicator_id = 'informal_employment_share' as is_computed,
    figure.claimant
from marts.observations as figure
inner join marts.dim_region as place
    on figure.region_code = place.region_code and place.valid_to is null
where
    figure.indicator_id in (
        'formal_employment_share', 'informal_employment_share'
    )
    and figure.breakdown = 'total'
    and figure.value is not null
order by place.region_code, figure.period_label, figure.indicator_id
