"""The optimiser: knows groups, columns, rows and tiers; never citizens."""
