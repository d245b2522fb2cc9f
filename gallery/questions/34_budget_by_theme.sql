-- topic: budget
-- id: Untuk apa anggaran Kabupaten Serang, menurut tema?
-- en: What is the budget of Kabupaten Serang for, by theme?
-- note_id: >-
--   Gaji dan kantor semua dinas tidak bertema dan berdiri sendiri; guru dan tenaga kesehatan ada
--   di dalamnya.
-- note_en: >-
--   Salaries and offices of all agencies carry no theme and stand apart; teachers and nurses are
--   among them.
select
    fiscal_year,
    stage,
    theme,
    theme_name,
    theme_name_en,
    is_support,
    budget_idr,
    cast(share_of_programmes_pct as decimal(9, 2))
        as share_of_programmes_pct,
    n_programs
from marts.program_spend_by_theme
where region_code = '3604'
order by fiscal_year desc, is_support, budget_idr desc, theme
