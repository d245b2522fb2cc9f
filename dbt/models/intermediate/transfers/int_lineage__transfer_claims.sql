-- Grain: row x column x claim. A claim of a cut rests on itself.
with claims as (
    select * from {{ ref("int_transfers__claims") }}
)

select
    'transfer_claims' as mart,
    obs_id as row_key,
    'amount_idr' as column_name,
    obs_id
from claims
