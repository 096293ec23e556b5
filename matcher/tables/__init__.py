"""Tables in: files, a database or pandas frames -> a problem, and every issue on the way.

Nothing is guessed and nothing is lost: a row is either in the problem or in quarantine with its
reasons. Anything that looks like a CPR number is refused without being shown.
"""

from matcher.cpr import looks_like_cpr, mask
from matcher.tables.consistency import REVERSED
from matcher.tables.issues import (
    Issue,
    IssueCode,
    Severity,
    code_name,
    issue_counts,
    table_name,
)
from matcher.tables.mapping import MAPPING_FILE, TheirMapping, load_mapping, own_mapping
from matcher.tables.names import fold, words_of
from matcher.tables.own_policy import own_policy
from matcher.tables.reading import Count, Reading, check, raise_if_unusable, read_problem
from matcher.tables.references import REFERENCES, Reference
from matcher.tables.sources import Tables
from matcher.tables.template import write_template
from matcher.tables.write import check_folder, danish_cell, write_folder, write_quarantine

__all__ = [
    "MAPPING_FILE",
    "REFERENCES",
    "REVERSED",
    "Count",
    "Issue",
    "IssueCode",
    "Reading",
    "Reference",
    "Severity",
    "Tables",
    "TheirMapping",
    "check",
    "check_folder",
    "code_name",
    "danish_cell",
    "fold",
    "issue_counts",
    "load_mapping",
    "looks_like_cpr",
    "mask",
    "own_mapping",
    "own_policy",
    "raise_if_unusable",
    "read_problem",
    "table_name",
    "words_of",
    "write_folder",
    "write_quarantine",
    "write_template",
]
