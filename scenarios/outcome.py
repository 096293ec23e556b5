"""The outcome of one scenario: everything a comparison needs, and nothing of how it was made.

An outcome is plain data: it can be pickled to a worker, kept as JSON under a digest, and read back
years later without the week's tables. Ids are those of the tables; groups are only counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matcher.explain import LeftOver
    from matcher.problem import Problem
    from matcher.solve import Solution

SCHEMA_VERSION = 1

Status = Literal["optimal", "feasible", "failed"]
SweepKind = Literal["", "grid", "one_at_a_time", "sample"]
Parameter = int | float | str

AUDIT = "audit:"
"""Columns of :attr:`Outcome.citizens` that hold a dimension of the fairness audit begin so."""
COST = "dkk:"
"""Columns of :attr:`Outcome.placements` that hold a budget line begin so."""

PLACEMENT_COLUMNS: Mapping[str, str] = {
    "citizen_id": "str",
    "opening_id": "str",
    "workplace_id": "str",
    "workplace": "str",
    "sector": "str",
    "isco": "str",
    "measure": "str",
    "team_id": "str",
    "pool_id": "str",
    "course_ids": "str",
    "minutes": "int64",
    "mentor_minutes": "int64",
    "commute": "int64",
    "start": "str",
    "fit": "int64",
    "locked": "bool",
}
"""Columns of a placement with their type; text is empty where there is none."""
CITIZEN_COLUMNS: Mapping[str, str] = {
    "citizen_id": "str",
    "outcome": "str",
    "possible": "int64",
    "category": "str",
    "oral": "int64",
    "postcode": "str",
    "district": "str",
}
"""Columns of a citizen with their type."""
RESOURCE_COLUMNS: Mapping[str, str] = {
    "kind": "str",
    "key": "str",
    "name": "str",
    "used": "int64",
    "capacity": "int64",
    "binding": "bool",
    "floor": "bool",
    "price": "float64",
    "price_placements": "float64",
}
"""Columns of a resource with their type."""


@dataclass(frozen=True)
class Change:
    """One change a scenario made to the week."""

    path: str
    """What was changed, e.g. ``mentor_pools[sector=municipal].hours``."""
    old: str
    """What it was; several values as a range or a short list."""
    new: str
    """What it became."""
    count: int = 1
    """Cells, rows or keys that changed."""


@dataclass(frozen=True)
class TierValue:
    """Value and bound of one goal, in the order they are improved."""

    name: str
    value: int
    bound: int
    proven: bool


@dataclass(frozen=True, eq=False)
class Outcome:
    """One scenario, solved or failed.

    Two outcomes are compared by :meth:`same_as`, not by ``==``: seconds and prices may differ
    between two solves that found the same plan.
    """

    name: str
    """Name of the scenario, unique in a comparison; ``base`` is the week as it is."""
    status: Status
    """``optimal`` (proven), ``feasible`` (a limit came first) or ``failed``."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Short title, by language; the name where there is none."""
    questions: Mapping[str, str] = field(default_factory=dict)
    """What was asked, a sentence, by language; may be empty."""
    family: str = ""
    """Scenarios drawn from the same ranges carry the same family; empty for one of its own."""
    family_titles: Mapping[str, str] = field(default_factory=dict)
    """Title of the family, by language; its name where there is none."""
    sweep: SweepKind = ""
    """How its parameters were drawn; empty for a single scenario."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """Value of each range, by name. In a one-at-a-time sweep: only the one that was moved."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the ranges that were moved are called, by language."""
    changes: tuple[Change, ...] = ()
    """Everything the scenario changed."""
    reason: str = ""
    """Why it failed or stopped early; empty otherwise."""
    tiers: tuple[TierValue, ...] = ()
    """Value and bound of each goal; empty when failed."""
    placements: pd.DataFrame = field(
        default_factory=lambda: _frame({}, PLACEMENT_COLUMNS), repr=False
    )
    """A row per proposal, by citizen: :data:`PLACEMENT_COLUMNS`, then ``dkk:LINE`` (DKK a week)
    for each budget line."""
    citizens: pd.DataFrame = field(default_factory=lambda: _frame({}, CITIZEN_COLUMNS), repr=False)
    """A row per citizen, by id: :data:`CITIZEN_COLUMNS`, then ``audit:DIMENSION``. ``outcome`` is
    ``placed`` or the cause (``already_placed``, ``no_opening_in_reach``, ``rules``, ``resource``,
    ``others``, ``limit``); ``possible`` counts openings with a suitable offer."""
    resources: pd.DataFrame = field(
        default_factory=lambda: _frame({}, RESOURCE_COLUMNS), repr=False
    )
    """A row per row of the model: :data:`RESOURCE_COLUMNS`. Mentor hours are in minutes a week,
    budgets in DKK a week, the rest in places; prices are per unit, in points of fit and in
    placements, to first order."""
    seats: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Free and filled seats by sector: ``{sector: {"free": 3, "filled": 2}}``."""
    once: tuple[str, ...] = ()
    """Budget lines that are paid once, not every week (courses)."""
    measures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of each measure that is used, by language."""
    fit_floor: int = 0
    """Lowest fit that counts as suitable."""
    date: str = ""
    """Day of the week that was matched, ISO."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints: ``input``, ``policy``, ``program``."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions that made it."""
    seconds: float = 0.0
    """Time it took."""

    def __post_init__(self) -> None:
        if self.status not in ("optimal", "feasible", "failed"):
            message = f"outcome '{self.name}': unknown status '{self.status}'"
            raise ValueError(message)
        if (self.status == "failed") != (not self.tiers):
            message = f"outcome '{self.name}': a failed one, and only that, has no tiers"
            raise ValueError(message)
        if self.status == "failed" and not self.reason:
            message = f"outcome '{self.name}': failed without a reason"
            raise ValueError(message)

    @property
    def failed(self) -> bool:
        """Whether there is no plan to compare."""
        return self.status == "failed"

    @property
    def proven(self) -> bool:
        """Whether nothing better exists in placements and fit."""
        return self.status == "optimal"

    @property
    def placed(self) -> int:
        """Number of proposals."""
        return len(self.placements)

    @property
    def waiting(self) -> int:
        """Citizens who are not in a placement already."""
        return int((self.citizens["outcome"] != "already_placed").sum())

    @property
    def mean_fit(self) -> float | None:
        """Mean fit of the proposals, 0-1000; None without any."""
        return float(self.placements["fit"].mean()) if self.placed else None

    @property
    def lines(self) -> tuple[str, ...]:
        """Budget lines that the placements are paid from."""
        return tuple(
            name.removeprefix(COST) for name in self.placements.columns if name.startswith(COST)
        )

    @property
    def costs(self) -> dict[str, int]:
        """DKK a week by budget line, summed over the proposals."""
        return {line: int(self.placements[COST + line].sum()) for line in self.lines}

    @property
    def left_over(self) -> dict[str, int]:
        """Citizens without a proposal by cause."""
        counts = self.citizens["outcome"].value_counts()
        return {str(cause): int(n) for cause, n in counts.items() if cause != "placed"}

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions of the fairness audit."""
        return tuple(
            name.removeprefix(AUDIT) for name in self.citizens.columns if name.startswith(AUDIT)
        )

    def title(self, language: str) -> str:
        """Title in a language, or the name."""
        return self.titles.get(language) or self.titles.get("en") or self.name

    def family_title(self, language: str) -> str:
        """Title of the family in a language, or its name."""
        return self.family_titles.get(language) or self.family_titles.get("en") or self.family

    def label(self, parameter: str, language: str) -> str:
        """Name of a range in a language, or its key."""
        names = self.labels.get(parameter, {})
        return names.get(language) or names.get("en") or parameter

    def same_as(self, other: Outcome) -> bool:
        """Whether both found the same: status, reason, tiers, placements, left-over, resources."""
        columns = ["kind", "key", "used", "capacity", "binding", "floor"]
        return (
            (self.status, self.reason, self.tiers) == (other.status, other.reason, other.tiers)
            and self.placements.equals(other.placements)
            and self.citizens.equals(other.citizens)
            and self.resources[columns].equals(other.resources[columns])
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; :meth:`from_dict` reads it back."""
        plain: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        for item in fields(self):
            value = getattr(self, item.name)
            plain[item.name] = _columns(value) if isinstance(value, pd.DataFrame) else _plain(value)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Outcome:
        """Read back what :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            Made by another version of this record, or not one.
        """
        if plain.get("schema_version") != SCHEMA_VERSION:
            message = f"outcome of version {plain.get('schema_version')}, expected {SCHEMA_VERSION}"
            raise ValueError(message)
        known = {item.name for item in fields(cls)}
        given = {name: value for name, value in plain.items() if name in known}
        given["changes"] = tuple(Change(**change) for change in given["changes"])
        given["tiers"] = tuple(TierValue(**tier) for tier in given["tiers"])
        given["once"] = tuple(given["once"])
        for name, columns in (
            ("placements", PLACEMENT_COLUMNS),
            ("citizens", CITIZEN_COLUMNS),
            ("resources", RESOURCE_COLUMNS),
        ):
            given[name] = _frame(given[name], columns)
        return cls(**given)


def outcome_of(
    solution: Solution,
    *,
    name: str = "base",
    titles: Mapping[str, str] | None = None,
    questions: Mapping[str, str] | None = None,
    family: str = "",
    family_titles: Mapping[str, str] | None = None,
    sweep: SweepKind = "",
    parameters: Mapping[str, Parameter] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    changes: Sequence[Change] = (),
    seconds: float | None = None,
    left: LeftOver | None = None,
) -> Outcome:
    """Take the outcome of a solved scenario from its solution.

    Parameters
    ----------
    solution
        The solved week; one without a plan gives a failed outcome with the engine's word.
    name, titles, questions, family, family_titles, sweep, parameters, labels, changes
        As in :class:`Outcome`.
    seconds
        Time it took. None: the solution's own phases.
    left
        What the plan leaves over, where it is known already. None: computed.
    """
    from matcher.explain import left_over

    problem, plan = solution.problem, solution.plan
    provenance = plan.provenance
    if seconds is None:
        seconds = float(sum(provenance.get("phase_times", {}).values()))
    told: dict[str, Any] = {
        "name": name,
        "titles": dict(titles or {}),
        "questions": dict(questions or {}),
        "family": family,
        "family_titles": dict(family_titles or {}),
        "sweep": sweep,
        "parameters": dict(parameters or {}),
        "labels": dict(labels or {}),
        "changes": tuple(changes),
        "seconds": round(seconds, 3),
    }
    if not plan.has_plan:
        return Outcome(status="failed", reason=plan.detail or "no plan was found", **told)
    left = left or left_over(solution)
    placements = _placements(solution)
    return Outcome(
        status="optimal" if plan.proven else "feasible",
        reason="" if plan.proven else plan.detail,
        tiers=tuple(TierValue(t.name, t.value, t.bound, t.proven) for t in plan.tiers),
        placements=placements,
        citizens=_citizens(problem, left, set(placements["citizen_id"])),
        resources=_resources(solution, left),
        seats=_seats(problem, left),
        once=tuple(filter(None, (problem.policy.money.lines.get("course"),))),
        measures={
            key: {"en": problem.policy.measures[key].english,
                  "da": problem.policy.measures[key].danish}
            for key in sorted(set(placements["measure"]))
        },
        fit_floor=problem.policy.fit.floor,
        date=problem.today.isoformat(),
        digests={
            "input": provenance["input_digest"],
            "policy": provenance["policy"]["digest"],
            "program": provenance["engine"]["program_digest"],
        },
        versions=dict(provenance["versions"]),
        **told,
    )  # fmt: skip


def failed(name: str, reason: str | Exception, **told: Any) -> Outcome:
    """Record a scenario that could not be solved.

    Parameters
    ----------
    name
        Name of the scenario.
    reason
        Why, for people; an error's text, or its type where it has none.
    **told
        Further fields of :class:`Outcome`: titles, parameters, changes, seconds.
    """
    text = str(reason) or type(reason).__name__
    told["changes"] = tuple(told.get("changes", ()))
    return Outcome(name=name, status="failed", reason=text, **told)


def _placements(solution: Solution) -> pd.DataFrame:
    problem, placements = solution.problem, solution.plan.placements
    columns: dict[str, list[Any]] = {
        name: [getattr(placement, name) for placement in placements]
        for name in PLACEMENT_COLUMNS
        if name not in ("workplace_id", "workplace", "sector", "isco", "course_ids", "start")
    }
    openings = problem["openings"].set_index("opening_id")
    places = problem["workplaces"].set_index("workplace_id")
    at = openings.loc[columns["opening_id"]]
    where = places.loc[at["workplace_id"]]
    columns["workplace_id"] = at["workplace_id"].tolist()
    columns["isco"] = at["isco"].tolist()
    columns["workplace"] = where["name"].tolist()
    columns["sector"] = where["sector"].tolist()
    columns["course_ids"] = [";".join(placement.course_ids) for placement in placements]
    columns["start"] = [placement.start.isoformat() for placement in placements]
    lines = sorted(problem.policy.money.budgets)
    for line in lines:
        columns[COST + line] = [placement.cost.get(line, 0) for placement in placements]
    return _frame(columns, PLACEMENT_COLUMNS)


def _citizens(problem: Problem, left: LeftOver, placed: set[str]) -> pd.DataFrame:
    table = problem["citizens"]
    ids = table["citizen_id"].tolist()
    unplaced = {one.citizen_id: one for one in left.unplaced}
    district = dict(
        zip(problem["places"]["postcode"].tolist(), problem["places"]["name"].tolist(), strict=True)
    )
    columns: dict[str, list[Any]] = {
        "citizen_id": ids,
        "outcome": ["placed" if who in placed else unplaced[who].cause for who in ids],
        # Somebody who is placed had at least that opening.
        "possible": [1 if who in placed else unplaced[who].possible for who in ids],
        "category": table["category"].tolist(),
        "oral": table["oral"].tolist(),
        "postcode": table["postcode"].tolist(),
        "district": [district.get(code) for code in table["postcode"].tolist()],
    }
    for dimension, rows in problem["audit_groups"].groupby("dimension", sort=True):
        stated = dict(zip(rows["citizen_id"].tolist(), rows["group"].tolist(), strict=True))
        columns[f"{AUDIT}{dimension}"] = [stated.get(who, "") for who in ids]
    return _frame(columns, CITIZEN_COLUMNS)


def _resources(solution: Solution, left: LeftOver) -> pd.DataFrame:
    names = _names(solution.problem)
    prices = solution.answer.prices[0]
    columns: dict[str, list[Any]] = {
        "kind": [one.rule for one in left.resources],
        "key": [one.key for one in left.resources],
        "name": [names.get((one.rule, one.key), "") for one in left.resources],
        "used": [one.used for one in left.resources],
        "capacity": [one.capacity for one in left.resources],
        "binding": [one.binding for one in left.resources],
        "floor": solution.model.floors.tolist(),
        "price": [round(one.price, 6) + 0.0 for one in left.resources],
        "price_placements": (np.round(prices, 6) + 0.0).tolist(),
    }
    return _frame(columns, RESOURCE_COLUMNS)


def _names(problem: Problem) -> dict[tuple[str, str], str]:
    """Name of what a row is about, in words that people know, by kind and key."""
    places = dict(
        zip(problem["workplaces"]["workplace_id"].tolist(),
            problem["workplaces"]["name"].tolist(), strict=True)
    )  # fmt: skip
    names: dict[tuple[str, str], str] = {}
    for kind, table, key in (
        ("mentor_hours", "mentor_pools", "pool_id"),
        ("team_seats", "teams", "team_id"),
        ("workplace_ratio", "workplaces", "workplace_id"),
        ("workplace_intake", "workplaces", "workplace_id"),
    ):
        frame = problem[table]
        for one, at in zip(frame[key].tolist(), frame["workplace_id"].tolist(), strict=True):
            names[kind, one] = places.get(at) or ""
    openings = problem["openings"]
    for one, title, at in zip(
        openings["opening_id"].tolist(),
        openings["title"].tolist(),
        openings["workplace_id"].tolist(),
        strict=True,
    ):
        shown = [text for text in (title, places.get(at)) if isinstance(text, str) and text]
        names["opening_seats", one] = ", ".join(shown)
    return names


def _seats(problem: Problem, left: LeftOver) -> dict[str, dict[str, int]]:
    sector = dict(
        zip(problem["workplaces"]["workplace_id"].tolist(),
            problem["workplaces"]["sector"].tolist(), strict=True)
    )  # fmt: skip
    seats = {name: {"free": 0, "filled": 0} for name in sorted(set(sector.values()))}
    for one in left.openings:
        seats[sector[one.workplace_id]]["free"] += one.free
        seats[sector[one.workplace_id]]["filled"] += one.filled
    return seats


def _frame(content: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Frame with the named columns in order, then the others; missing text is empty text."""
    extra = {
        name: "int64" if name.startswith(COST) else "str" for name in content if name not in columns
    }
    return pd.DataFrame({
        name: pd.Series(_no_gaps(content.get(name, ())) if kind == "str" else
                        list(content.get(name, ())), dtype=kind)
        for name, kind in {**columns, **extra}.items()
    })  # fmt: skip


def _no_gaps(values: Sequence[Any]) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values]


def _columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): frame[name].tolist() for name in frame.columns}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (Change, TierValue)):
        return asdict(value)
    return value.item() if isinstance(value, np.generic) else value


__all__ = [
    "AUDIT",
    "CITIZEN_COLUMNS",
    "COST",
    "PLACEMENT_COLUMNS",
    "RESOURCE_COLUMNS",
    "SCHEMA_VERSION",
    "Change",
    "Outcome",
    "Parameter",
    "Status",
    "SweepKind",
    "TierValue",
    "failed",
    "outcome_of",
]
