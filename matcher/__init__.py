"""jobmatch: matches citizens on benefits to openings that exist."""

__version__ = "0.1.0"
