{#
Sums that one source prints, that do not close and that nobody has declared (seed
known_contradictions). A new one stops the release until somebody has looked at it. Headlines
of several sources, printed on different days, are listed in `contradictions` and stop nothing:
that a budget of March is not the sum of lines of June is no error of anybody's.
#}
{% macro undeclared_contradictions(identity_ids) -%}
select *
from {{ ref("contradictions") }}
where
    identity_id in (
        {%- for identity_id in identity_ids %}
        '{{ identity_id }}'{{ "," if not loop.last }}
        {%- endfor %}
    )
    and scope = 'one_source'
    and not is_declared
{%- endmacro %}
