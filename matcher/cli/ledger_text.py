"""What a person reads about stored runs at a terminal: few lines, capped, the total always said."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from matcher.explain import ROW_NAMES, named
from matcher.ledger import (
    Change,
    Decision,
    Difference,
    Forgotten,
    Purged,
    Remade,
    Resource,
    Run,
)

_Item = TypeVar("_Item")
TOTALS = {
    "citizens": "citizens",
    "placed": "proposals",
    "unplaced": "left over",
    "placements": "placements (as the goal counts them)",
    "fit": "total fit",
}
TABLE_NAMES = {
    "decisions": "decisions",
    "events": "events",
    "placements": "placements",
    "proposals": "proposals",
    "unplaced": "citizens left over",
}


def run_content(run: Run) -> dict[str, Any]:
    """Return a run as plain values."""
    return asdict(run)


def runs_text(runs: Sequence[Run], address: str) -> str:
    """Write a line per run."""
    if not runs:
        return f"{address} holds no runs."
    width = max(len(run.run_id) for run in runs)
    lines = [f"{'no':>4}  {'run':{width}}  {'recorded (UTC)':16}  proposals  total fit  proven"]
    lines += [
        f"{run.number:4}  {run.run_id:{width}}  {_moment(run.recorded_at)}"
        f"  {run.placed:4} of {run.citizens:<6} {run.value('fit') or 0:8}"
        f"  {'yes' if run.proven else 'no'}{_notes(run)}"
        for run in runs
    ]
    return "\n".join(line.rstrip() for line in lines)


def _notes(run: Run) -> str:
    notes = []
    if run.made_up:
        notes.append("made up")
    if run.repeats:
        notes.append(f"made {run.repeats + 1} times")
    if run.forgotten:
        notes.append(f"{run.forgotten} forgotten since")
    return f"  ({', '.join(notes)})" if notes else ""


def run_text(
    run: Run,
    resources: Sequence[Resource],
    folders: Sequence[Path],
    decisions: Sequence[Decision],
    gone: str | None,
    most: int,
) -> str:
    """Write what a run came from and came to."""
    policy = run.policy
    lines = [
        f"run {run.run_id} (number {run.number}), day {run.day.isoformat()},"
        f" recorded {_moment(run.recorded_at)} UTC{_notes(run)}",
        f"tables: {run.address}",
        f"input: digest {run.input_digest}; {gone or 'stored, `jobmatch runs verify` can make it'}",
        f"policy: {policy['name']} {policy['version']} ({policy['digest']})",
        *(f"  changed: {change}" for change in policy["overrides"]),
        f"options: {_pairs(run.options)}",
        f"versions: {_pairs(run.versions)}",
        f"engine: {run.engine.get('method')}; {_pairs(run.engine.get('counts', {}))}",
        f"seconds: {_pairs(run.times.get('run_times', {}))}",
        *(f"folder: {folder}" for folder in folders),
        "",
        f"{run.placed} proposals for {run.citizens} citizens; {run.unplaced} left over"
        + (f" ({_pairs(run.causes)})" if run.causes else ""),
        *(_tier(tier) for tier in run.tiers[:2]),
    ]
    issues = run.issues
    lines.append(
        f"issues in the tables: {issues['errors']} errors, {issues['warnings']} warnings,"
        f" {issues['rows_put_aside']} rows put aside"
    )
    lines += [
        f"  {one['count']:5}  {one['severity']} {one['code']}" for one in issues["by_code"][:most]
    ]
    if decisions:
        counts = Counter(one.verdict for one in decisions)
        lines.append(f"decisions: {_pairs(dict(sorted(counts.items())))}")
    used_up = sorted(
        (one for one in resources if one.binding),
        key=lambda one: (-(one.price or 0), one.rule, one.key),
    )
    lines += _part("used up", used_up, _resource, most)
    return "\n".join(lines)


def _tier(tier: Mapping[str, Any]) -> str:
    value, bound = tier["value"], tier["bound"]
    end = "proven" if tier["proven"] else f"at most {bound} (gap {100 * (tier['gap'] or 0):.2f} %)"
    return f"{TOTALS.get(tier['name'], tier['name'])}: {value}, {end}"


def difference_text(change: Difference, most: int) -> str:
    """Write what changed from one run to another."""
    before, after = change.before, change.after
    lines = [f"{after.run_id} minus {before.run_id}"]
    if before.run_id == after.run_id:
        return lines[0] + "\nThe same run."
    if change.same_input:
        lines.append("The same input: what differs comes from options, time limit or version.")
    lines += [f"  {TOTALS[name]}: {value:+d}" for name, value in change.totals.items()]
    lines += _part(
        "came",
        change.came,
        lambda one: f"{one.citizen_id} to {one.opening_id}, fit {one.fit}",
        most,
    )
    lines += _part(
        "left",
        change.left,
        lambda one: (
            f"{one.proposal.citizen_id} from {one.proposal.opening_id}:"
            f" {one.cause or 'no longer among the citizens'}"
        ),
        most,
    )
    lines += _part(
        "moved",
        change.moved,
        lambda one: (
            f"{one.before.citizen_id} from {one.before.opening_id} to"
            f" {one.after.opening_id}, fit {one.after.fit - one.before.fit:+d}"
        ),
        most,
    )
    lines += _part("changed at the same opening", change.changed, _changed, most)
    lines.append(f"kept: {change.kept}")
    counts = ", ".join(f"{name} {count}" for name, count in change.counts.items())
    lines.append(f"proposals of {after.run_id} and those placed already: {counts}")
    if change.forgotten:
        lines.append(f"not compared, since forgotten: {change.forgotten}")
    lines += _part("became scarce", [one.after for one in change.scarce], _resource, most)
    lines += _part("no longer scarce", [one.before for one in change.eased], _resource, most)
    return "\n".join(lines)


def _changed(one: Change) -> str:
    names = ("measure", "team_id", "pool_id", "mentor_minutes", "course_ids", "minutes", "start")
    parts = [
        f"{name} {_cell(getattr(one.before, name))} -> {_cell(getattr(one.after, name))}"
        for name in names
        if getattr(one.before, name) != getattr(one.after, name)
    ]
    return f"{one.before.citizen_id} at {one.before.opening_id}: {', '.join(parts)}"


def remade_text(remade: Remade, most: int) -> str:
    """Write whether a run came out as it is stored."""
    lines = [
        f"run {remade.run.run_id}: made again, "
        + (
            "the same plan to the number."
            if remade.same
            else f"{len(remade.differences)} differences."
        )
    ]
    lines += [f"  {text}" for text in remade.differences[:most]]
    if len(remade.differences) > most:
        lines.append(f"  ... and {len(remade.differences) - most} more (--json for all)")
    lines += [
        f"version of {name}: {then} then, {now} now"
        for name, (then, now) in remade.versions.items()
    ]
    if remade.timed and not remade.same:
        lines.append("The run had a time limit: another outcome is no fault.")
    return "\n".join(lines)


def forgotten_text(done: Forgotten) -> str:
    """Write what was done to forget somebody, without saying whom."""
    if not done.found:
        lines = ["Nothing about that citizen is in the ledger or the run folders it knows."]
    else:
        lines = ["Forgotten; the totals stay as they were."]
        lines += [f"  {TABLE_NAMES[name]}: {count}" for name, count in done.rows.items()]
        if done.inputs:
            lines.append(f"  stored inputs: {done.inputs} (their runs cannot be made again now)")
        lines += [f"  run folder: {folder}" for folder in done.folders]
        lines += [f"  file removed whole: {file}" for file in done.removed]
        if done.removed:
            lines.append(
                "  A form among them can be written again without the citizen"
                " (`jobmatch workbook`); what was filled in and not handed in is gone."
            )
    if done.unreachable:
        lines.append("Not seen, look there yourself: " + ", ".join(map(str, done.unreachable)))
    lines.append(
        "Your own tables, forms outside the run folders, backups and printed pages are yours to"
        " clean: what is in the tables of the next run is stored again."
    )
    return "\n".join(lines)


def purged_text(done: Purged) -> str:
    """Write what was kept no longer."""
    if not done.found:
        return "Nothing is due."
    lines = ["Deleted as the policy's retention says:"]
    lines += [f"  tables of {done.inputs} runs"] if done.inputs else []
    lines += [f"  run folder: {folder}" for folder in done.folders]
    lines += [f"  ids in {TABLE_NAMES[name]}: {count}" for name, count in done.persons.items()]
    lines += [f"  runs: {done.runs}"] if done.runs else []
    return "\n".join(lines)


def _part(
    heading: str, items: Sequence[_Item], text: Callable[[_Item], str], most: int
) -> list[str]:
    """Write a heading with the number, and the first of the items."""
    if not items:
        return []
    lines = [f"{heading}: {len(items)}", *(f"  {text(one)}" for one in items[:most])]
    if len(items) > most:
        lines.append(f"  ... and {len(items) - most} more (--most N, or --json for all)")
    return lines


def _resource(one: Resource) -> str:
    minutes = one.unit == "minutes"
    used, capacity = (value / 60 if minutes else value for value in (one.used, one.capacity))
    unit = {"minutes": "hours", "dkk": "DKK", "places": ""}.get(one.unit, one.unit)
    price = ""
    if one.price:
        price = f", one more would bring {one.price * (60 if minutes else 1):.3g} fit"
    about = named(ROW_NAMES, one.rule, "en")
    return f"{about} {one.key}: {used:g} of {capacity:g} {unit}".rstrip() + price


def _pairs(content: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_cell(value)}" for name, value in content.items())


def _cell(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return f"({_pairs(value)})"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "none"
    return str(value)


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
