"""A scenario laid over a week: the changed problem, and every change as ``path: old -> new``.

Precedence: there is none. All changes are worked out on the week as it came, and two that meet in
one cell (or key of the policy) are an error that names both; so scenarios compose in any order.
Copies are of rows as they came, too. A row that is removed takes with it what cannot stand without
it, whatever else was to be done to that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import PolicyError
from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.tables import REFERENCES, REVERSED, danish_cell, table_name
from matcher.texts import Both, Message, joined
from matcher.unknown import known_where_changed
from scenarios.patch.columns import path_name, shown
from scenarios.patch.effect import Effect, work_out
from scenarios.patch.faults import FilePlace, ScenarioFault, raise_if
from scenarios.patch.policy import (
    HOW_READ,
    Keys,
    dotted,
    law_of,
    nested,
    problems_of,
    under_law,
    worked_out,
)
from scenarios.patch.scenario import Scenario, ScenarioPart
from scenarios.patch.selection import Selected, key_texts
from scenarios.patch.tables import TableChange

_OWNERLESS = -1


@dataclass(frozen=True)
class AppliedChange:
    """One thing that a scenario changes."""

    path: str
    """``table.column`` or a key of the policy; a table alone where rows come or go."""
    old: str
    new: str
    rows: int
    """Rows it is about; 0 for a key of the policy."""
    scenario: str
    """Scenario that asks for it."""

    @property
    def said(self) -> Message:
        """The change as a line."""
        facts = {"path": path_name(self.path), "old": self.old, "new": self.new}
        if not self.rows:
            return Message("change.one", **facts)
        return Message("change.counted", **facts, rows=_rows(self.rows))

    def __str__(self) -> str:
        return str(self.said)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Applied:
    """A week with a scenario laid over it."""

    problem: Problem
    changes: tuple[AppliedChange, ...]
    """Every change with its count, in the order of the scenario."""
    selected: tuple[Selected, ...] = ()
    """What the conditions of its changes took in, in the same order."""


def apply(problem: Problem, scenario: Scenario) -> Applied:
    """Lay a scenario over a week.

    Parameters
    ----------
    problem
        The week; never modified.
    scenario
        What to change.

    Returns
    -------
    Applied
        The week as it is and no change, where all of it is for weeks before this one.

    Raises
    ------
    WhatIfError
        A selection is empty, a value cannot be, two changes meet in one cell, or rows would point
        at nothing; carries every fault with its file and line.
    """
    faults: list[ScenarioFault] = []
    found: list[Selected] = []
    tables = _Tables(problem, faults)
    parts = [one for one in scenario.parts if one.before is None or problem.today < one.before]
    for part in parts:
        if part.change is not None:
            effect = work_out(part.change, problem, part.sayer(faults))
            if effect is not None:
                found += effect.selected
                tables.take(part, part.change, effect)
    policy, changes = _policy(problem.policy, parts, faults)
    frames = tables.result()
    raise_if(faults)
    result = problem.replace(tables={**problem.tables, **frames}, policy=policy)
    return Applied(result, (*tables.changes, *changes), tuple(dict.fromkeys(found)))


@dataclass(eq=False)
class _Tables:
    """Gathers what all changes do to the tables; each cell has one owner at most."""

    problem: Problem
    faults: list[ScenarioFault]
    changes: list[AppliedChange] = field(default_factory=list)
    _parts: list[ScenarioPart] = field(default_factory=list)
    _owner: dict[tuple[str, str], npt.NDArray[np.int64]] = field(default_factory=dict)
    _cells: dict[tuple[str, str], pd.Series] = field(default_factory=dict)
    _removed: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    _added: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    _new_ids: dict[str, set[str]] = field(default_factory=dict)
    _checked: set[tuple[str, str]] = field(default_factory=set)

    def take(self, part: ScenarioPart, change: TableChange, effect: Effect) -> None:
        """Take in what one change does."""
        self._parts.append(part)
        if change.act == "remove":
            self._remove(part, change, effect)
        elif change.act == "rows":
            assert effect.added is not None
            self._add(part, change.table, effect.added, "written")
        elif change.act in {"copies", "new"}:
            self._copy(part, change, effect)
        else:
            self._edit(part, change, effect)

    def _edit(self, part: ScenarioPart, change: TableChange, effect: Effect) -> None:
        frame = self.problem[change.table]
        number = len(self._parts) - 1
        rows = np.flatnonzero(effect.mask)
        for name, cells in effect.cells.items():
            at = (change.table, name)
            owner = self._owner.setdefault(at, np.full(len(frame), _OWNERLESS))
            removed = self._removed.get(change.table)
            if removed is not None:
                self._conflict(part, change.table, name, rows, removed)
            self._conflict(part, change.table, name, rows, owner)
            owner[rows] = number
            old = frame[name].iloc[rows].reset_index(drop=True)
            changed = self._cells.get(at, frame[name]).copy()
            changed.iloc[rows] = cells.to_numpy() if changed.dtype.kind in "bif" else cells.array
            self._cells[at] = changed
            self._note_cells(part, change.table, name, old, cells)

    def _note_cells(
        self, part: ScenarioPart, table: str, name: str, old: pd.Series, new: pd.Series
    ) -> None:
        (was, before), (now, after) = (_shown_once(table, name, cells) for cells in (old, new))
        counts = pd.DataFrame({"was": was, "now": now}).groupby(["was", "now"], sort=False).size()
        pairs: list[Any] = counts.index.tolist()
        for (first, last), count in zip(pairs, counts.tolist(), strict=True):
            if before[first] != after[last]:
                change = AppliedChange(
                    f"{table}.{name}", before[first], after[last], count, part.scenario
                )
                self.changes.append(change)

    def _conflict(
        self,
        part: ScenarioPart,
        table: str,
        name: str,
        rows: npt.NDArray[np.int64],
        owner: npt.NDArray[np.int64],
    ) -> None:
        met = rows[owner[rows] >= 0]
        if not len(met):
            return
        other = self._parts[int(owner[met[0]])]
        if (other.place, part.place) in self._checked:  # type: ignore[comparison-overlap]
            return
        keys = key_texts(self.problem[table], table)
        cell = f"{table}.{name}" if name else table
        more = Message("patch.and_more", count=len(met) - 1) if len(met) > 1 else ""
        self.faults.append(
            ScenarioFault(
                part.place,
                Message(
                    "patch.met",
                    cell=cell,
                    row=keys.iloc[met[0]],
                    more=more,
                    scenario=other.scenario,
                    place=str(other.place),
                ),
            )
        )

    def _remove(self, part: ScenarioPart, change: TableChange, effect: Effect) -> None:
        table = change.table
        frame = self.problem[table]
        number = len(self._parts) - 1
        rows = np.flatnonzero(effect.mask)
        removed = self._removed.setdefault(table, np.full(len(frame), _OWNERLESS))
        self._conflict(part, table, "", rows, removed)
        for (owned, name), owner in self._owner.items():
            if owned == table:
                self._conflict(part, table, name, rows, owner)
        removed[rows] = number
        self._note_rows(part, table, len(rows), "removed", lost=True)

    def _add(self, part: ScenarioPart, table: str, frame: pd.DataFrame, how: str) -> None:
        self._added.setdefault(table, []).append(frame)
        self._note_rows(part, table, len(frame), how)

    def _note_rows(
        self,
        part: ScenarioPart,
        table: str,
        count: int,
        how: str,
        *,
        lost: bool = False,
        after: str = "",
    ) -> None:
        before = len(self.problem[table])
        rows = _rows(before - count if lost else before + count)
        if count:
            new = Message(f"change.rows_{how}", rows=rows, number=count, table=table_name(after))
            self.changes.append(AppliedChange(table, _rows(before), new, count, part.scenario))

    def _copy(self, part: ScenarioPart, change: TableChange, effect: Effect) -> None:
        table = change.table
        frame = self.problem[table]
        (key,) = TABLES[table].key
        copies = frame.iloc[effect.sources].reset_index(drop=True)
        ids = self._ids(table, copies[key].tolist())
        replaced: dict[str, Any] = {key: pd.Series(ids, dtype=frame[key].dtype)}
        if table == "citizens":
            # A copy is a newcomer: not of the household of the one it is copied from.
            household = copies["household_id"]
            replaced["household_id"] = household.where(household.isna(), household + "+")
        replaced.update(effect.cells)
        self._add(part, table, copies.assign(**replaced), "copied")
        if table == "citizens":
            self._copy_audit(part, copies[key], ids)

    def _copy_audit(self, part: ScenarioPart, sources: pd.Series, ids: list[str]) -> None:
        audit = self.problem["audit_groups"]
        pairs = pd.DataFrame({"citizen_id": sources, "copy": ids})
        joined = pairs.merge(audit, on="citizen_id", how="inner", validate="many_to_many")
        joined = joined.assign(citizen_id=joined["copy"].astype(audit["citizen_id"].dtype))
        if len(joined):
            self._add(part, "audit_groups", joined[audit.columns.tolist()], "copied")

    def _ids(self, table: str, sources: list[str]) -> list[str]:
        """Give each copy an id of its own: that of its source, a plus and the next free number."""
        (key,) = TABLES[table].key
        taken = self._new_ids.setdefault(table, set(self.problem[table][key]))
        last: dict[str, int] = {}
        ids: list[str] = []
        for source in sources:
            number = last.get(source, 0) + 1
            while f"{source}+{number}" in taken:
                number += 1
            last[source] = number
            ids.append(f"{source}+{number}")
            taken.add(ids[-1])
        return ids

    def result(self) -> dict[str, pd.DataFrame]:
        """Put the changed tables together; what does not hold together becomes a fault."""
        touched = {table for table, _ in self._cells} | set(self._removed) | set(self._added)
        frames: dict[str, pd.DataFrame] = {}
        for table in TABLES:
            if table not in touched:
                continue
            frame = self.problem[table]
            cells = {name: one for (owned, name), one in self._cells.items() if owned == table}
            frame = known_where_changed(frame, frame.assign(**cells)) if cells else frame
            if table in self._removed:
                frame = frame[self._removed[table] < 0]
            for added in self._added.get(table, ()):
                frame = pd.concat([frame, added.astype(frame.dtypes.to_dict())], ignore_index=True)
            frames[table] = frame.sort_values(
                list(TABLES[table].key), kind="stable", ignore_index=True
            )
        if self._removed:
            self._cascade(frames)
        self._check(frames)
        return frames

    def _cascade(self, frames: dict[str, pd.DataFrame]) -> None:
        """Remove, or unlink, what names rows that were removed."""
        part = self._parts[max(int(owner.max()) for owner in self._removed.values())]
        gone = {
            table: set(self.problem[table].loc[owner >= 0, TABLES[table].key[0]])
            for table, owner in self._removed.items()
        }
        # A table stands after those it names, so one pass is enough.
        for reference in REFERENCES:
            if not gone.get(reference.target):
                continue
            frame = frames.get(reference.table, self.problem[reference.table])
            hit = frame[reference.field].isin(list(gone[reference.target])).to_numpy(np.bool_)
            stays = reference.action == "keep" and not reference.goes_along
            if not hit.any() or stays:
                continue
            if reference.action == "unlink" and reference.table != "forbids":
                cells = frame[reference.field].mask(hit, None).astype(frame[reference.field].dtype)
                frames[reference.table] = frame.assign(**{reference.field: cells})
                self.changes.append(
                    AppliedChange(f"{reference.table}.{reference.field}", Message("change.removed"),
                           Message("change.empty"), int(hit.sum()), part.scenario)
                )  # fmt: skip
                continue
            (key, *_) = TABLES[reference.table].key
            if len(TABLES[reference.table].key) == 1:
                gone.setdefault(reference.table, set()).update(frame.loc[hit, key])
            frames[reference.table] = frame[~hit].reset_index(drop=True)
            self._note_rows(
                part, reference.table, int(hit.sum()), "removed_with",
                lost=True, after=reference.target,
            )  # fmt: skip

    def _check(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Hold the changed tables against themselves and against each other."""
        if not self._parts:
            return
        for table, frame in frames.items():
            key = list(TABLES[table].key)
            twice = frame.duplicated(key)
            if twice.any():
                row = key_texts(frame[twice], table).iloc[0]
                self._fault(table, None, Message("patch.id_there", table=table, row=row))
        for table, first, last in REVERSED:
            if table in frames and ({(table, first), (table, last)} & set(self._cells)
                                    or table in self._added):  # fmt: skip
                frame = frames[table]
                wrong = (frame[first] > frame[last]).fillna(value=False).to_numpy(np.bool_)
                wrong = wrong & ~self._was_wrong(frame, table, first, last)
                if wrong.any():
                    row = int(np.flatnonzero(wrong)[0])
                    text = Message(
                        "patch.above", table=table, row=key_texts(frame, table).iloc[row],
                        first=first, low=shown(frame[first].iloc[row]),
                        last=last, high=shown(frame[last].iloc[row]),
                    )  # fmt: skip
                    if (more := int(wrong.sum()) - 1) > 0:
                        text = Message("patch.above_more", text=text, count=more)
                    name = first if (table, first) in self._cells else last
                    self._fault(table, name, text)
        for reference in REFERENCES:
            if (reference.table, reference.field) in self._cells or reference.table in self._added:
                self._check_reference(frames, reference.table, reference.field, reference.target)

    def _was_wrong(self, frame: pd.DataFrame, table: str, first: str, last: str) -> Any:
        """Rows that did not hold together before either."""
        base = self.problem[table]
        bad = base[(base[first] > base[last]).fillna(value=False)]
        key = TABLES[table].key[0]
        return frame[key].isin(bad[key]).to_numpy(np.bool_)

    def _check_reference(
        self, frames: Mapping[str, pd.DataFrame], table: str, name: str, target: str
    ) -> None:
        if table not in frames:
            return
        ids = frames.get(target, self.problem[target])[TABLES[target].key[0]]
        cells = frames[table][name]
        before = self.problem[table][name]
        lost = cells.notna() & (cells != "") & ~cells.isin(ids) & ~cells.isin(before)
        if lost.any():
            self._fault(
                table,
                name,
                Message(
                    "patch.no_row",
                    table=table,
                    column=name,
                    value=shown(cells[lost].iloc[0]),
                    target=target,
                ),
            )

    def _fault(self, table: str, name: str | None, text: str) -> None:
        """Blame the last change of the table (and column) that could have done it."""
        blamed = self._parts[-1]
        for part in self._parts:
            change = part.change
            if (
                change is not None
                and change.table == table
                and (
                    name is None
                    or change.act in {"rows", "copies", "new"}
                    or any(edit.column.name == name for edit in change.edits)
                )
            ):
                blamed = part
        self.faults.append(ScenarioFault(blamed.place, text))


def _policy(
    policy: Policy, parts: Sequence[ScenarioPart], faults: list[ScenarioFault]
) -> tuple[Policy, list[AppliedChange]]:
    """Lay the changes of keys over a policy."""
    owners: dict[Keys, tuple[ScenarioPart, FilePlace, Any, Any]] = {}
    lawful: dict[Keys, Any] = {}
    for part in parts:
        found: list[tuple[Keys, Any, Any]] = []
        say = part.sayer(faults)
        if part.law is not None:
            try:
                changed = law_of(policy, part.law.on, part.law.sections)
            except (ValueError, PolicyError) as error:
                say(("law",), Message("patch.law", reason=error.args[0]))
                continue
            lawful.update(changed)
            content = policy.model_dump(mode="json")
            found = [(keys, _old(content, keys), new) for keys, new in changed.items()]
        elif part.policy:
            found = worked_out(part.policy, policy, _below("policy", say))
        for keys, old, new in found:
            place = part.line(("policy", *keys))
            _policy_conflict(owners, keys, part, place, faults)
            owners[keys] = (part, place, old, new)
    changes = [
        AppliedChange(dotted(keys), _plain(old), _plain(new), 0, part.scenario)
        for keys, (part, _, old, new) in owners.items()
        # How a source was read goes with what it says; it is no change by itself.
        if old != new and keys[-1] not in HOW_READ
    ]
    if faults or not owners:
        return policy, changes
    asked = {keys: new for keys, (_, _, _, new) in owners.items() if keys not in lawful}
    try:
        result = under_law(policy, lawful) if lawful else policy
        result = override_of(result, nested(asked)) if asked else result
    except PolicyError as error:
        # Each key is fine by itself: together they are not.
        place = next(iter(owners.values()))[1]
        faults += [ScenarioFault(place, line) for line in problems_of(error)]
        return policy, changes
    return result, changes


def _rows(count: int) -> str:
    return Message("change.rows", count=count)


def _shown_once(table: str, name: str, cells: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Write each different value of a column once: which text each cell has, and the texts."""
    codes, values = pd.factorize(cells.astype(object), use_na_sentinel=False)
    texts = [
        Both(shown(value), shown(danish_cell(table, name, value)))
        if isinstance(value, str) and value
        else shown(value)
        for value in values
    ]
    first = {text: at for at, text in reversed(list(enumerate(texts)))}
    return np.array([first[text] for text in texts], dtype=np.int64)[codes], texts


def _below(first: str, say: Callable[[tuple[str | int, ...], str], None]) -> Any:
    return lambda at, text: say((first, *at), text)


def _old(content: Any, keys: Keys) -> Any:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _policy_conflict(
    owners: Mapping[Keys, tuple[ScenarioPart, FilePlace, Any, Any]],
    keys: Keys,
    part: ScenarioPart,
    place: FilePlace,
    faults: list[ScenarioFault],
) -> None:
    for other, (owner, where, _, _) in owners.items():
        shorter = min(len(other), len(keys))
        if other[:shorter] == keys[:shorter]:
            faults.append(
                ScenarioFault(
                    place,
                    Message(
                        "patch.key_met", key=dotted(keys), scenario=owner.scenario, place=str(where)
                    ),
                )
            )
            return


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        parts = [joined((key, _plain(one))) for key, one in value.items() if key != "source"]
        return joined(parts, ", ") if parts else Message("change.nothing")
    if isinstance(value, list | tuple):
        return joined([_plain(one) for one in value], ", ") if value else Message("change.nothing")
    return Message("change.nothing") if value is None else shown(value)
