-- topic: trust
-- id: Indikator mana yang angka terbarunya paling lama?
-- en: Which indicators have the oldest newest figure?
select
    indicator_id,
    max(period_end) as newest_period_end,
    count(distinct source_id) as n_sources,
    max(published_at) as last_published_at
from marts.observations
where
    value is not null
    and period_end is not null
    and stage <> 'projection'
group by indicator_id
order by newest_period_end, indicator_id
limit 10
