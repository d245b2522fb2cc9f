-- Grain: obs_id of the claims that still stand. How each relates to its figure's headline.
with claims as (
    select * from {{ ref("int_claims__known") }} as known
    where is_current and not {{ is_displaced("known") }}
),

{{ classified_claims("claims") }}

select * from classified_claims
