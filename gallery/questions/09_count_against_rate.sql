-- topic: labour
-- id: Di mana jumlah penganggur dan TPT bergerak berlawanan arah?
-- en: Where did the number of unemployed and the rate move in opposite directions?
-- note_id: Keduanya bisa benar, karena angkatan kerja ikut berubah.
-- note_en: Both can be right, because the labour force changes too.
with counts as (
    select
        region_code,
        period_label,
        series_version,
        value
    from marts.observation_history
    where
        indicator_id = 'unemployed'
        and breakdown = 'total'
        and stage = 'observed'
        and is_figure_headline
        and value is not null
),

rounds as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        change_pp,
        cast(survey_year as varchar) || '-'
        || lpad(cast(survey_month as varchar), 2, '0') as label,
        cast(survey_year - 1 as varchar) || '-'
        || lpad(cast(survey_month as varchar), 2, '0') as label_before
    from marts.unemployment
    where is_headline and change_pp is not null
)

select
    rounds.region_code,
    rounds.region_name,
    rounds.survey_year,
    rounds.survey_month,
    rounds.change_pp,
    cast(now.value - before.value as bigint) as unemployed_change_persons,
    now.series_version
from rounds
inner join counts as now
    on
        rounds.region_code = now.region_code
        and rounds.label = now.period_label
inner join counts as before
    on
        now.region_code = before.region_code
        and rounds.label_before = before.period_label
        and now.series_version = before.series_version
where (now.value - before.value) * rounds.change_pp < 0
order by
    rounds.region_code, rounds.survey_year, rounds.survey_month,
    now.series_version
