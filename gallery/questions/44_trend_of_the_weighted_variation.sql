-- topic: disparity
-- id: Apakah ketimpangan TPT antarkabupaten/kota mengecil?
-- en: Do the differences in unemployment between regencies get smaller?
-- note_id: Indeks Williamson tertimbang penduduk; 0 berarti sama rata.
-- note_en: Williamson's index weighted by population; 0 is equality.
select
    period_label,
    cast(williamson_index as decimal(9, 3)) as williamson_index,
    cast(
        williamson_index - lag(williamson_index) over (order by period_label)
        as decimal(9, 3)
    ) as change,
    n_reported,
    n_expected
from marts.regional_disparity
where
    indicator_id = 'unemployment_rate'
    and parent_region_code = '3600'
    and is_headline
    and williamson_index is not null
order by period_label
