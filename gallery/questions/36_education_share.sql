-- topic: budget
-- id: Apakah pendidikan mendapat sedikitnya 20 persen anggaran?
-- en: Does education get at least 20 percent of the budget?
-- note_id: >-
--   Porsi wajib yang dinyatakan pemerintah mencakup gaji guru. Belanja program fungsi pendidikan
--   tidak memuatnya dan bukan ukuran 20 persen.
-- note_en: >-
--   The mandatory share that a government states includes teachers' salaries. Programme spending
--   of the education function leaves them out and does not measure the 20 percent.
select
    place.region_code,
    place.name as region_name,
    stated.period_label,
    stated.stage,
    cast(stated.value as decimal(9, 2)) as stated_share_pct,
    stated.value >= 20 as is_met,
    case
        when stated.value is null
            then 'porsi wajibnya tidak ditemukan dinyatakan'
    end as reason_id,
    case
        when stated.value is null
            then 'its mandatory share was not found stated'
    end as reason_en
from marts.dim_region as place
left join marts.observations as stated
    on
        place.region_code = stated.region_code
        and stated.indicator_id = 'budget_mandatory_share_education'
        and stated.breakdown = 'total'
where
    place.valid_to is null
    and (place.region_code = '3600' or place.parent_region_code = '3600')
order by place.region_code, stated.period_label, stated.stage
