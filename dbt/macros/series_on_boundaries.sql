{#
marts.series_on_boundaries(year): every figure on the boundaries of a chosen year, or NULL with
the reason where a split makes that impossible. A region that the year doesn't have yet is
climbed to the one it came out of. Named by schema only, as observations_as_of is.
#}
{% macro create_series_on_boundaries() -%}
    {%- if execute and flags.WHICH in ("build", "run") -%}
        {%- set observations = adapter.get_relation(target.database, "marts", "observations") -%}
        {%- set lineage = adapter.get_relation(target.database, "marts", "region_lineage") -%}
        {%- if observations is not none and lineage is not none -%}
            {{ adapter.dispatch("series_on_boundaries_ddl")() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__series_on_boundaries_ddl() -%}
create or replace macro marts.series_on_boundaries(boundary_year) as table (
    {{ series_on_boundaries_query("cast(boundary_year as integer)") }}
)
{%- endmacro %}

{# A change happened between two days; where a time lies between them nothing is proven. #}
{% macro change_state(first_day, last_day) -%}
    case
            when not_after <= {{ first_day }} then 'done'
            when not_before > {{ last_day }} then 'to_come'
            else 'unknown'
        end
{%- endmacro %}

{# What a figure is about, without its region. #}
{% macro figure_columns() -%}
    {{ return([
        "indicator_id", "period_start", "period_end", "period_label", "stage", "perimeter",
        "baseline", "breakdown", "category", "unit",
    ]) }}
{%- endmacro %}

{% macro same_figure(a, b) -%}
    {%- for column in figure_columns() -%}
        {{ a }}.{{ column }} is not distinct from {{ b }}.{{ column }}
        {{- " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro series_on_boundaries_query(boundary_year) -%}
with recursive changes as (
    select
        from_region_id,
        to_region_id,
        kind,
        not_before,
        not_after,
        {{ change_state(
            "make_date(" ~ boundary_year ~ ", 1, 1)",
            "make_date(" ~ boundary_year ~ ", 12, 31)"
        ) }} as state_in_year
    from marts.region_lineage
),

climbed as (
    select
        region_id,
        region_id as target_id,
        false as is_unknown,
        0 as steps
    from marts.dim_region
    union all
    select
        climbed.region_id,
        changes.from_region_id as target_id,
        climbed.is_unknown
        or changes.state_in_year = 'unknown'
        or changes.kind = 'merger' as is_unknown,
        climbed.steps + 1 as steps
    from climbed
    inner join changes
        on climbed.target_id = changes.to_region_id
    where changes.state_in_year <> 'done' and climbed.steps < 20
),

-- The end of each climb; a region of two origins keeps one and says that it is unknown.
placed as (
    select
        region_id,
        target_id,
        is_unknown
    from (
        select
            climbed.*,
            row_number() over (
                partition by region_id order by steps desc, target_id
            ) as choice
        from climbed
    ) as ends
    where choice = 1
),

figures as (
    select
        observations.*,
        regions.region_id
    from marts.observations as observations
    inner join marts.dim_region as regions
        on observations.region_code = regions.region_code
    where
        observations.period_start is not null
        and observations.period_end is not null
),

wanted as (
    select distinct
        {% for column in figure_columns() %}figures.{{ column }},
        {% endfor -%}
        placed.target_id
    from figures
    inner join placed
        on figures.region_id = placed.region_id
),

-- What happens to a region between the chosen year and a figure's own time is found once for each
-- pair of both.
spans as (
    select distinct
        placed.region_id,
        wanted.period_start,
        wanted.period_end
    from wanted
    inner join placed
        on wanted.target_id = placed.target_id
),

arrivals as (
    select
        spans.region_id,
        spans.period_start,
        spans.period_end,
        bool_or({{ change_state("spans.period_start", "spans.period_end") }} = 'to_come')
            as is_to_come,
        bool_or({{ change_state("spans.period_start", "spans.period_end") }} = 'unknown')
            as is_unknown
    from spans
    inner join changes
        on spans.region_id = changes.to_region_id
    group by spans.region_id, spans.period_start, spans.period_end
),

departures as (
    select
        spans.region_id,
        spans.period_start,
        spans.period_end,
        bool_or(
            changes.state_in_year = 'done'
            and {{ change_state("spans.period_start", "spans.period_end") }}
            <> 'done'
        ) as is_split_later
    from spans
    inner join changes
        on spans.region_id = changes.from_region_id
    group by spans.region_id, spans.period_start, spans.period_end
),

expected as (
    select
        wanted.*,
        placed.region_id,
        placed.is_unknown or coalesce(arrivals.is_unknown, false)
            as is_part_unknown
    from wanted
    inner join placed
        on wanted.target_id = placed.target_id
    left join arrivals
        on
            placed.region_id = arrivals.region_id
            and wanted.period_start = arrivals.period_start
            and wanted.period_end = arrivals.period_end
    where not coalesce(arrivals.is_to_come, false)
),

parts as (
    select
        expected.*,
        figures.value,
        figures.series_version,
        figures.obs_id,
        coalesce(departures.is_split_later, false) as is_split_later
    from expected
    left join figures
        on
            expected.region_id = figures.region_id
            and {{ same_figure("expected", "figures") }}
    left join departures
        on
            expected.region_id = departures.region_id
            and expected.period_start = departures.period_start
            and expected.period_end = departures.period_end
),

joined_up as (
    select
        target_id,
        {% for column in figure_columns() %}{{ column }},
        {% endfor -%}
        cast(count(value) as integer) as n_reported,
        cast(count(*) as integer) as n_expected,
        perimeter = 'area'
        and unit in ('persons', 'idr', 'count', 'units', 'km2') as is_additive,
        bool_or(is_part_unknown) as is_unknown,
        bool_or(is_split_later) as is_split_later,
        count(distinct series_version) as n_versions,
        sum(value) as total,
        {{ listed_texts("obs_id", " ") }} as obs_ids
    from parts
    group by all
),

judged as (
    select
        joined_up.*,
        case
            when is_split_later then 'split_after_the_period'
            when is_unknown then 'split_undated'
            when n_expected > 1 and not is_additive then 'parts_of_a_rate'
            when n_reported = 0 then 'not_published'
            when n_reported < n_expected then 'part_missing'
            when n_expected > 1 and n_versions > 1
                then 'series_versions_differ'
        end as reason
    from joined_up
)

select
    {{ boundary_year }} as boundary_year,
    regions.region_id,
    regions.region_code,
    regions.name as region_name,
    {% for column in figure_columns() %}judged.{{ column }},
    {% endfor -%}
    case when judged.reason is null then judged.total end as value,
    judged.reason,
    judged.n_reported,
    judged.n_expected,
    judged.obs_ids
from judged
inner join marts.dim_region as regions
    on judged.target_id = regions.region_id
{%- endmacro %}
