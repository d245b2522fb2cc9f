-- topic: disparity
-- id: Berapa jarak TPT tertinggi dan terendah di antara kabupaten/kota Banten?
-- en: >-
--   How far apart are the highest and the lowest unemployment among Banten's regencies and
--   cities?
-- note_id: Tanpa galat sampel, yang tertinggi adalah yang tercatat tertinggi.
-- note_en: Without standard errors, highest means recorded as highest.
select
    period_label,
    highest_region_code,
    cast(highest_value as decimal(9, 2)) as highest_pct,
    lowest_region_code,
    cast(lowest_value as decimal(9, 2)) as lowest_pct,
    cast(highest_value - lowest_value as decimal(9, 2)) as gap_pp,
    cast(max_min_ratio as decimal(9, 2)) as max_min_ratio
from marts.regional_disparity
where
    indicator_id = 'unemployment_rate'
    and parent_region_code = '3600'
    and is_headline
    and highest_value is not null
order by period_label
