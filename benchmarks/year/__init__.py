"""A year of weekly runs: what the ledger costs a week, and that it does not grow."""
