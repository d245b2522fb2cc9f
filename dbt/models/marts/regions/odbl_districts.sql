-- Grain: kecamatan. Under the ODbL: no other model may read it or its seed.
with districts as (
    select * from {{ ref("districts_of_banten") }}
),

regions as (
    select * from {{ ref("stg_ingest__regions") }}
)

select
    districts.district_code,
    districts.district_name,
    regions.region_code,
    districts.kemendagri_code,
    'ODbL-1.0' as licence,
    'idn-area-data 4.0.1, data/districts.csv' as attribution
from districts
left join regions
    on
        districts.kemendagri_code = regions.kemendagri_code
        and regions.valid_to is null
