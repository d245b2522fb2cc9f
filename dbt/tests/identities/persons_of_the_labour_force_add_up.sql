-- Employed and unemployed make the labour force; in and outside it, the working age.
{{ undeclared_contradictions([
    "labour_force_is_employed_and_unemployed",
    "working_age_is_labour_force_and_outside",
]) }}
