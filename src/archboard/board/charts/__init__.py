"""Charts: the budget bar, and sweeps as pictures."""
