{# The value of one column of the scorecard out of its long list of cells. #}
{% macro scorecard_cell(column) -%}
    max(case when cells.column_name = '{{ column }}' then cells.value end)
{%- endmacro %}
