"""The policy: what holds on which day, keys laid over it, files, errors."""
