-- Transfers are the sum of their components wherever all of them are published.
{{ undeclared_contradictions([
    "transfers_are_their_components",
    "transfers_are_dau_dbh_and_dak",
    "dana_desa_is_its_four_parts",
]) }}
