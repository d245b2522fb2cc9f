{# Series that may stand beside each other: every year of one nutrition survey is one family. #}
{% macro series_family(series_version) -%}
    case
        when {{ series_version }} like 'ssgi_%' then 'ssgi'
        when {{ series_version }} like 'ski_%' then 'ski'
        when {{ series_version }} = 'first_release' then ''
        else {{ series_version }}
    end
{%- endmacro %}

{# Claims that stand as published: no withdrawn ones, none whose label was wrong. #}
{% macro is_standing(claim) -%}
    (
        {{ claim }}.is_current
        and {{ claim }}.value is not null
        and {{ claim }}.relation not in ('corrected', 'withdrawn')
    )
{%- endmacro %}

{# Several claims as one text, sorted: the same in every build. #}
{% macro joined_ids(column) -%}
    {{ joined_texts(column, ",") }}
{%- endmacro %}

{#
Whether a sum closes. Where an optional part is not published, the total may be larger than
the sum of the others, and nothing is contradicted.
#}
{% macro closes(residual) -%}
    (
        abs({{ residual }}) <= tolerance
        or (({{ residual }}) > 0 and lacks_optional_part)
    )
{%- endmacro %}
