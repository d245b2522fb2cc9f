-- topic: disparity
-- id: Berapa indeks Theil PDRB per kapita Banten?
-- en: What is the Theil index of regional product per head in Banten?
select
    period_label,
    series_version,
    cast(theil_index as decimal(9, 3)) as theil_index,
    cast(max_min_ratio as decimal(9, 2)) as max_min_ratio,
    n_reported,
    n_expected,
    case index_reason
        when 'member_missing' then 'ada daerah yang angkanya tidak terbaca'
        when 'population_missing' then 'jumlah penduduk tahun itu tidak terbaca'
    end as reason_id,
    case index_reason
        when 'member_missing' then 'a region has no figure'
        when 'population_missing' then 'no population of that year was read'
    end as reason_en
from marts.regional_disparity
where
    indicator_id = 'grdp_per_capita'
    and parent_region_code = '3600'
    and is_headline
order by period_label, series_version
