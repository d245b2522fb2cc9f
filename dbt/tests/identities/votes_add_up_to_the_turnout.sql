-- Valid and invalid votes make the votes cast; turnout is votes cast over registered voters.
{{ undeclared_contradictions([
    "votes_cast_are_valid_and_invalid",
    "local_turnout_is_votes_over_registered",
    "national_turnout_is_votes_over_registered",
]) }}
