-- Own revenue, revenue and expenditure are the sums of their printed groups.
{{ undeclared_contradictions([
    "own_revenue_is_its_four_parts",
    "revenue_is_own_transfer_and_other",
    "expenditure_is_its_four_groups",
]) }}
