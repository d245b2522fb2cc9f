-- topic: budget
-- id: Berapa PAD harus tumbuh agar potongan 2026 tertutup?
-- en: By how much must own revenue grow to make up for the cut of 2026?
select
    region_code,
    region_name,
    cut_idr,
    own_revenue_idr,
    cast(own_revenue_growth_needed_pct as decimal(9, 2))
        as growth_needed_pct,
    case own_revenue_reason
        when 'no_enacted_own_revenue_prior_year'
            then 'PAD 2025 yang ditetapkan tidak diketahui'
        when 'no_total_cut_known' then 'potongan seluruh TKD tidak diketahui'
    end as reason_id,
    case own_revenue_reason
        when 'no_enacted_own_revenue_prior_year'
            then 'enacted own revenue of 2025 is not known'
        when 'no_total_cut_known' then 'no cut of all transfers is known'
    end as reason_en
from marts.funding_gap
where
    fiscal_year = 2026
    and region_code in (
        select place.region_code
        from marts.dim_region as place
        where
            place.region_code = '3600'
            or place.parent_region_code = '3600'
    )
order by region_code
