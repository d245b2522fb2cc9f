{# Every value is of the form, from its first sign to its last; NULL passes. A code that lost
   its dot or a zero still looks like a code, often like another region's. #}
{% test matches_form(model, column_name, form) %}
select {{ column_name }}
from {{ model }}
where not {{ is_of_form(column_name, form) }}
{% endtest %}
