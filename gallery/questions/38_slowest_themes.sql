-- topic: budget
-- id: Tema mana yang paling lambat dibelanjakan?
-- en: Which themes spend most slowly?
with found as (
    select
        region_code,
        region_name,
        fiscal_year,
        theme,
        realised_until,
        cast(absorption_pct as decimal(9, 2)) as absorption_pct
    from marts.program_spend_by_theme
    where realised_idr is not null and not is_support
)

select
    found.region_code,
    found.region_name,
    found.fiscal_year,
    found.theme,
    found.realised_until,
    found.absorption_pct,
    case
        when found.region_code is null
            then
                'Realisasi per program belum terbit untuk daerah mana pun; '
                || 'hanya pagunya yang diketahui.'
    end as reason_id,
    case
        when found.region_code is null
            then
                'Spending by programme is published for no region; only '
                || 'budgets are known.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.absorption_pct, found.region_code, found.theme
