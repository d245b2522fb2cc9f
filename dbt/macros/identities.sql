{#
Published sums of these identities that do not close and that nobody has declared
(seed known_contradictions). A new one stops the release until somebody has looked at it.
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
    and not is_declared
{%- endmacro %}
