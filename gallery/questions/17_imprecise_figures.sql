-- topic: labour
-- id: Angka TPT mana yang galat baku relatifnya (RSE) di atas 25 persen?
-- en: Which unemployment rates have a relative standard error above 25 percent?
with counted as (
    select
        count(*) as n_rates,
        count(standard_error_pp) as n_with_error,
        count(*) filter (
            where 100 * standard_error_pp > 25 * unemployment_rate_pct
        ) as n_above_25
    from marts.unemployment
    where is_headline
)

select
    n_rates,
    n_with_error,
    case when n_with_error > 0 then n_above_25 end as n_above_25,
    case
        when n_with_error = 0
            then
                'Tidak satu pun angka terbit dengan galat baku, '
                || 'jadi RSE tidak dapat dihitung.'
    end as reason_id,
    case
        when n_with_error = 0
            then
                'No rate is published with a standard error, '
                || 'so none can be computed.'
    end as reason_en
from counted
