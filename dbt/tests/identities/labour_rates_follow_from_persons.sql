-- Unemployment is unemployed over labour force, participation is labour force over working age.
{{ undeclared_contradictions([
    "unemployment_rate_is_unemployed_over_labour_force",
    "participation_rate_is_labour_force_over_working_age",
]) }}
