-- topic: labour
-- id: Apakah pemutusan hubungan kerja (PHK) menjelaskan perubahan TPT?
-- en: Do layoffs explain the change in unemployment?
-- note_id: Korban PHK tidak sama dengan penganggur; yang langsung bekerja lagi tidak menganggur.
-- note_en: People laid off are not the unemployed; who works again at once is not unemployed.
with found as (
    select
        region_code,
        period_label,
        indicator_id,
        value as persons
    from marts.observations
    where
        indicator_id in ('layoffs', 'laid_off_workers')
        and value is not null
)

select
    found.region_code,
    found.period_label,
    found.indicator_id,
    found.persons,
    case
        when found.region_code is null
            then
                'Tidak ada angka PHK dalam rilis ini: tidak satu pun sumber'
                || ' yang dibaca memuatnya.'
    end as reason_id,
    case
        when found.region_code is null
            then
                'This release has no figures of layoffs: none of the '
                || 'sources read gives them.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.region_code, found.period_label
