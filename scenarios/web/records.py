"""What goes in and out as JSON: the records that OpenAPI is made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scenarios.web.pulled import LEVELS, MOST_MORE, MOST_NEW_SEATS

MOST_TITLE = 80
"""Letters of the title of a scenario."""


class PlainRecord(BaseModel):
    """Plain values."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class RunRecord(PlainRecord):
    """A stored run."""

    run_id: str
    """Day and input."""
    day: dt.date
    """Date of the run."""
    recorded_at: dt.datetime
    made_up: bool
    """Whether the tables are about nobody."""
    proven: bool
    """Whether the plan is the proven optimum."""
    citizens: int
    placed: int
    causes: dict[str, int]
    """Citizens without a proposal by cause."""


class Listed(PlainRecord):
    """A part of a list."""

    count: int
    """Rows that the filters let through."""
    rows: list[dict[str, Any]]


class CaseRecord(PlainRecord):
    """A person in a run, with reasons."""

    row: str
    """Opaque name in addresses."""
    facts: dict[str, Any]
    """As in ``run.json``."""
    decision: str | None
    """Newest verdict."""
    parts: list[dict[str, Any]]
    """Sentences under their headings."""
    gone: str
    """Why the week cannot be asked any more; empty where it can."""
    steps_in: list[str]
    """Who steps in where the proposal is declined, in order."""
    stands_by: str
    """For which job the person stands by; empty: for none, or none now."""
    beside: str
    """What the yes of somebody asked beside others has come to; empty: nothing of that kind."""


class BackUpRecord(PlainRecord):
    """Somebody who steps in where a proposal is declined."""

    proposed: str | None
    """Opaque name of whose proposal it is; nothing: of another team."""
    row: str | None
    """Opaque name of who steps in; nothing: of another team."""
    opening_id: str
    rank: int
    """1: the first to be asked."""
    at_once: bool
    """Whether they are asked at the same time as the one who has the proposal."""
    caseworker_id: str | None
    """Whose citizen steps in."""
    unit: str
    measure: str | None
    """This and what follows: nothing where the one who steps in is of another team."""
    minutes: int | None
    """Of work a week."""
    start: dt.date | None
    fit: int | None


class DecisionIn(PlainRecord):
    """A decision about the newest run's proposals."""

    run_id: str
    row: str
    """Opaque name of the person, as the list gives it."""
    verdict: Literal["accept", "reject", "wait"]
    reason: str = ""
    """Code of the policy's reasons; of a rejection."""


class DecisionOut(PlainRecord):
    """What became of a decision."""

    new: int
    known: int
    problems: list[str]


class MoreIn(PlainRecord):
    """So much more of one resource, or less where negative."""

    rule: str
    """Kind of resource, as ``/scarce`` names it."""
    key: str
    """Which one."""
    amount: Annotated[int, Field(gt=-MOST_MORE, lt=MOST_MORE)]
    """In the unit of its table: seats, hours, DKK a week."""


class OpeningIn(PlainRecord):
    """A new opening like one that there is."""

    like: str
    """Id of that one."""
    seats: Annotated[int, Field(ge=1, le=MOST_NEW_SEATS)] = 1
    oral: Annotated[int | None, Field(ge=0, le=LEVELS)] = None
    """Level of spoken Danish; nothing: as the other one."""
    shifts: str = ""
    """Working times; empty: as the other one."""


class LeversIn(PlainRecord):
    """What is different from the week as it is; a move from one to another is two of ``more``."""

    run_id: str = ""
    """Empty: the newest run."""
    pulled: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Numbers by ready scenario and parameter; a parameter left out has its usual value."""
    policy: dict[str, float] = Field(default_factory=dict)
    """Numbers of the policy by key: ``fit.floor``, ``fit.weights.*``, ``ratio_rule.*``,
    ``money.budgets.*``, ``money.year_budgets.*``."""
    more: list[MoreIn] = Field(default_factory=list)
    new: list[OpeningIn] = Field(default_factory=list)


class LeversOut(PlainRecord):
    """The week with levers pulled, against the week as it is."""

    query: str
    """What is pulled, as in the address of the page."""
    proven: bool
    """Whether the answer is the proven optimum."""
    summary: list[dict[str, Any]]
    """The week as it is, and the scenario."""
    resources: list[dict[str, Any]]
    """What began or stopped to bind, and what is used."""
    costs: list[dict[str, Any]]


class PinsOut(PlainRecord):
    """Two sets of levers against each other: only what differs, B instead of A."""

    summary: list[dict[str, Any]]
    resources: list[dict[str, Any]]
    costs: list[dict[str, Any]]
    chains: list[list[dict[str, Any]]]
    """Who takes whose place; of the data team alone."""


class ScenarioRecord(PlainRecord):
    """A scenario: a ready one, or one that somebody keeps."""

    name: str
    title: str
    query: str
    """What is pulled, as in the address of the levers."""
    toml: str = ""
    """The file that ``jobmatch whatif`` runs; empty for a ready one, which it runs by name."""
    made_by: str = ""
    """Who keeps it; empty for a ready one."""


class ScenarioIn(PlainRecord):
    """A scenario to keep."""

    title: Annotated[str, Field(min_length=1, max_length=MOST_TITLE)]
    query: str
    """What is pulled, as in the address of the levers."""
    run_id: str = ""
    """Run whose policy it starts from. Empty: the newest."""


class StillRunning(PlainRecord):
    """An answer that is still being worked out: ask again, as ``Retry-After`` says."""

    state: Literal["running"]


class CurveRecord(PlainRecord):
    """A trade-off curve."""

    state: Literal["done"]
    schema_version: int
    against: str
    """What is traded against placements."""
    group: str
    points: dict[str, list[Any]]
    """Columns, a value for each point: ``placements``, ``value``, ``bound``, ``proven``, ``fit``,
    ``step``."""
    plan: dict[str, float]
    """Where the week's own plan stands."""
    beyond: list[dict[str, Any]]
    """What would be possible beyond the last point without one kind of limit."""
    beaten: int
    seconds: float


class PlanRecord(PlainRecord):
    """The plan behind a point of a curve; nothing where fewer people are meant than may be told."""

    state: Literal["done"]
    placements: int
    cost: int
    """DKK a week."""
    fit: int
    proven: bool
    measures: dict[str, int | None]
    new: int | None
    lost: int | None
    moved: int | None


class JobIn(PlainRecord):
    """Work to start."""

    kind: Literal["run", "sweep"]
    """A run of tables, of the data team; or all ready scenarios of a stored run."""
    source: str = ""
    """Of a run: folder, file or database. Empty: what the workbench was started with."""
    explain: bool = False
    """Of a run: with reasons in depth."""
    run_id: str = ""
    """Of a sweep: which run. Empty: the newest."""


class JobRecord(PlainRecord):
    """Work in a process of its own."""

    job_id: str
    kind: str
    state: Literal["running", "done", "failed", "cancelled"]
    asked: dict[str, Any]
    asked_by: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    progress: dict[str, Any]
    """How far: phase, ``done`` of ``total``, people ``placed``, ``bound``, rows of a sweep."""


class CostRecord(PlainRecord):
    """What a rejection would cost, exactly, before it is taken."""

    gone: str
    """Why the week cannot be asked any more; empty where it can."""
    feasible: bool
    """Whether there is a plan without the proposal."""
    proven: bool
    placements: int
    """Placements that the best plan without it loses."""
    fit: int
    """Points of fit it loses."""
    lines: list[str]
    """Who moves."""


class DifferenceRecord(PlainRecord):
    """What differs between two runs; people of whom the viewer may see."""

    before: str
    after: str
    counts: dict[str, int | None]
    """Proposals that came, left, moved, changed and were kept; nothing: fewer than may be told."""
    came: list[dict[str, Any]]
    left: list[dict[str, Any]]
    moved: list[dict[str, Any]]


class CheckIn(PlainRecord):
    """Tables to check."""

    source: str
    """Folder, file or database."""
