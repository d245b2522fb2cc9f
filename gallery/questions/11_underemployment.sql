-- topic: labour
-- id: Berapa orang setengah menganggur?
-- en: How many people are underemployed?
-- note_id: Persentasenya dihitung di sini dari jumlah yang terbit; TPT tidak memuat mereka.
-- note_en: >-
--   The share is computed here from published numbers; the unemployment rate leaves them out.
with found as (
    select
        part.region_code,
        part.period_label,
        cast(part.value as bigint) as underemployed_persons,
        cast(whole.value as bigint) as employed_persons,
        cast(100 * part.value / whole.value as decimal(9, 2))
            as share_of_employed_pct
    from marts.observations as part
    left join marts.observations as whole
        on
            part.region_code = whole.region_code
            and part.period_label = whole.period_label
            and part.series_version = whole.series_version
            and whole.indicator_id = 'employed'
            and whole.breakdown = 'total'
            and part.stage = whole.stage
    where
        part.indicator_id = 'underemployed'
        and part.breakdown = 'total'
        and part.value is not null
)

select
    place.region_code,
    place.name as region_name,
    found.period_label,
    found.underemployed_persons,
    found.employed_persons,
    found.share_of_employed_pct,
    case
        when found.region_code is null
            then 'tidak terbit untuk daerah ini'
    end as reason_id,
    case
        when found.region_code is null
            then 'not published for this region'
    end as reason_en
from marts.dim_region as place
left join found on place.region_code = found.region_code
where
    place.valid_to is null
    and (place.region_code = '3600' or place.parent_region_code = '3600')
order by place.region_code, found.period_label
