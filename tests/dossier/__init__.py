"""The papers a municipality must have."""
