"""The weekly run: reading and checking, offers, solving, the whole run."""
