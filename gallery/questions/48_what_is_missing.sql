-- topic: trust
-- id: Angka apa yang tidak ada, dan mengapa?
-- en: Which figures are missing, and why?
select
    indicator_id,
    count(*) as n_regions,
    reason,
    min(reason_id) as reason_id,
    min(reason_en) as reason_en,
    min(agency) as whom_to_ask
from marts.civic_indicators
where value is null
group by indicator_id, reason
order by n_regions desc, indicator_id
