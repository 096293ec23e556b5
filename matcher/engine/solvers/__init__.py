"""The solvers: everything that is called outside this house, and nothing of the method."""
