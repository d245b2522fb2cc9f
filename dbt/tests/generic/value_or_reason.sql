{# A row has either a value or a reason for having none, never both and never neither. #}
{% test value_or_reason(model) %}
select value, reason
from {{ model }}
where (value is null) = (reason is null)
{% endtest %}
