-- One line an account and year: the last outturn known by the day with the budget it is compared
-- with, else the budget at its latest stage. Statements, drafts and projections come last.
select * from budget
where region_code = $region and perimeter = 'own_government'
    and account_code in ('4', '4.1', '4.2', '5', '5.1.01', '5.2', 'L.02')
    and fiscal_year <= $last_year
    and (realised_idr is null or as_of_date <= $until)
    and (realised_idr is not null or budget_idr is not null)
qualify row_number() over (
    partition by fiscal_year, account_code
    order by
        realised_idr is null,
        case when realised_idr is not null then as_of_date end desc,
        list_position(
            ['amended', 'enacted', 'approved', 'allocation', 'plan', 'unspecified', 'draft',
             'outlook', 'projection', 'reported_claim'],
            stage
        ) nulls last,
        as_of_date desc
) = 1
order by fiscal_year desc, account_code
