"""What people decide about proposals: the form out, the decisions back, what follows from them.

Caseworkers get a form with two cells a proposal; :func:`take` puts what they say into the ledger.
The next week is run on the tables and on what has been decided since.
"""

from matcher.decisions.deciding import BadRow, Taken, rejected_path, take, write_rejected
from matcher.decisions.form import (
    SPLITS,
    VERDICTS,
    Form,
    Split,
    Written,
    proposal_key,
    write_forms,
)
from matcher.decisions.next_week import CarriedOver, carry_over
from matcher.decisions.reading import FormFile, FormRow, read_form

__all__ = [
    "SPLITS",
    "VERDICTS",
    "BadRow",
    "CarriedOver",
    "Form",
    "FormFile",
    "FormRow",
    "Split",
    "Taken",
    "Written",
    "carry_over",
    "proposal_key",
    "read_form",
    "rejected_path",
    "take",
    "write_forms",
    "write_rejected",
]
