-- topic: transfers
-- id: Seberapa jauh potongan yang dilaporkan dari potongan yang dihitung dari alokasi?
-- en: How far are reported cuts from those computed from allocations?
select
    told.region_code,
    told.region_name,
    told.fiscal_year,
    told.component,
    told.cut_idr as reported_cut_idr,
    computed.cut_idr as computed_cut_idr,
    told.cut_idr - computed.cut_idr as difference_idr,
    computed.precision_idr,
    computed.reason as caveat
from marts.transfer_cuts as told
inner join marts.transfer_cuts as computed
    on
        told.region_code = computed.region_code
        and told.fiscal_year = computed.fiscal_year
        and told.component = computed.component
        and told.baseline = computed.baseline
where told.basis = 'reported' and computed.basis = 'allocations'
order by told.region_code, told.fiscal_year, told.component
