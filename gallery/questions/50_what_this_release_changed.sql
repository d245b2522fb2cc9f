-- topic: trust
-- id: Apa yang berubah dalam rilis ini?
-- en: What changed in this release?
with found as (
    select
        kind,
        count(*) as n_figures,
        count(distinct dataset_id) as n_datasets
    from marts.release_diff
    group by kind
)

select
    found.kind,
    coalesce(found.n_figures, 0) as n_figures,
    coalesce(found.n_datasets, 0) as n_datasets,
    case
        when found.kind is null
            then
                'Tidak ada angka yang berbeda dari rilis sebelumnya, atau '
                || 'ini rilis pertama.'
    end as reason_id,
    case
        when found.kind is null
            then
                'No figure differs from the release before, or this is the '
                || 'first release.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.kind
