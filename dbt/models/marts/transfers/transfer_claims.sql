-- Grain: one claim of a cut (claimant, date, amount).
with claims as (
    select * from {{ ref("int_transfers__claims") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        claims.obs_id,
        claims.region_code,
        regions.name as region_name,
        claims.fiscal_year,
        claims.component,
        claims.baseline,
        {{ to_integer("claims.value") }} as amount_idr,
        {{ to_integer("claims.precision") }} as precision_idr,
        claims.claimant,
        claims.published_at as claimed_at,
        claims.known_at,
        claims.known_at_basis,
        claims.stage,
        claims.perimeter,
        claims.perimeter_note,
        claims.relation,
        claims.has_conflict,
        claims.conflict_kind,
        claims.provenance_tier,
        claims.source_name,
        claims.source_url
    from claims
    inner join regions
        on claims.region_code = regions.region_code
)

select * from joined
