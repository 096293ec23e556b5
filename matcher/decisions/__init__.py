"""What people decide about proposals: the form out, the decisions back, what follows from them.

Caseworkers get a form with two cells a proposal; :func:`take` puts what they say into the ledger.
The next week is run on the tables and on what has been decided since.
"""

from matcher.decisions.costs import Cost, Noted, joint_cost, note_costs, override_costs, without
from matcher.decisions.deciding import take, take_all
from matcher.decisions.expected import expected_fills
from matcher.decisions.form import (
    BACK_UPS,
    SPLITS,
    VERDICTS,
    Form,
    Split,
    WrittenForm,
    placement_text,
    proposal_key,
    write_forms,
)
from matcher.decisions.next_week import CarriedOver, carry_over
from matcher.decisions.outlook import TargetOutlook, outlook
from matcher.decisions.oversight import oversight
from matcher.decisions.past_outlooks import past_outlooks
from matcher.decisions.people import people_document
from matcher.decisions.plan_stability import PlanStability, plan_stability
from matcher.decisions.rates import OTHERS, has_figures, rates
from matcher.decisions.reading import FormFile, FormRow, moment_of, read_form
from matcher.decisions.rejected_rows import rejected_path, write_rejected
from matcher.decisions.seen import answers_seen, arrivals_seen, stays_seen
from matcher.decisions.taken import BadRow, DatedDecisions, Note, Taken
from matcher.decisions.together import asked_together

__all__ = [
    "BACK_UPS",
    "OTHERS",
    "SPLITS",
    "VERDICTS",
    "BadRow",
    "CarriedOver",
    "Cost",
    "DatedDecisions",
    "Form",
    "FormFile",
    "FormRow",
    "Note",
    "Noted",
    "PlanStability",
    "Split",
    "Taken",
    "TargetOutlook",
    "WrittenForm",
    "answers_seen",
    "arrivals_seen",
    "asked_together",
    "carry_over",
    "expected_fills",
    "has_figures",
    "joint_cost",
    "moment_of",
    "note_costs",
    "outlook",
    "override_costs",
    "oversight",
    "past_outlooks",
    "people_document",
    "placement_text",
    "plan_stability",
    "proposal_key",
    "rates",
    "read_form",
    "rejected_path",
    "stays_seen",
    "take",
    "take_all",
    "without",
    "write_forms",
    "write_rejected",
]
