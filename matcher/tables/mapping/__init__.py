"""Somebody else's tables: what they are in ours, proposed, written, read, applied."""

from matcher.tables.mapping.record import (
    MAPPING_FILE,
    TheirMapping,
    load_mapping,
    own_mapping,
)

__all__ = ["MAPPING_FILE", "TheirMapping", "load_mapping", "own_mapping"]
