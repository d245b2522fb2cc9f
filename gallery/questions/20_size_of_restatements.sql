-- topic: labour
-- id: Seberapa besar perbaikan TPT?
-- en: How large are restatements of unemployment?
select
    count(*) as n_compared,
    count(*) filter (
        where first.unemployment_rate_pct <> later.unemployment_rate_pct
    ) as n_restated,
    cast(
        avg(abs(later.unemployment_rate_pct - first.unemployment_rate_pct))
        as decimal(9, 3)
    ) as mean_size_pp,
    max(abs(later.unemployment_rate_pct - first.unemployment_rate_pct))
        as largest_pp
from marts.unemployment as first
inner join marts.unemployment as later
    on
        first.region_code = later.region_code
        and first.survey_year = later.survey_year
        and first.survey_month = later.survey_month
where
    first.series_version = 'first_release'
    and later.series_version = 'revised_weights'
