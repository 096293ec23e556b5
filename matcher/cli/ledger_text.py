"""What a person reads about stored runs at a terminal: few lines, capped, the total always said."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from matcher.erasure import Forgotten
from matcher.ledger import (
    AskedBeside,
    BeforeAfter,
    Decision,
    Difference,
    Purged,
    Run,
)
from matcher.plan import Row, Tier
from matcher.remake import Remade
from matcher.row_kinds import UNITS
from matcher.texts import ENGLISH, Figures, Language, Message, catalogue, tell

_Item = TypeVar("_Item")
_CHANGED = ("measure", "team_id", "pool_id", "mentor_minutes", "course_ids", "minutes", "start")
_BESIDE = {
    "silent": "beside_silent",
    "accept": "beside_accept",
    "reject": "beside_reject",
    "wait": "beside_wait",
    "waits": "beside_waits",
    "counts": "beside_counts",
    "behind": "beside_behind",
    "filled": "beside_filled",
    "lapsed": "beside_lapsed",
}
"""What somebody asked beside others answered, or what a yes came to, by its name in the texts."""


def runs_text(runs: Sequence[Run], address: str, language: Language = "en") -> str:
    """Write a line per run."""
    say = _Say(language)
    if not runs:
        return say("none", ledger=address)
    width = max(len(run.run_id) for run in runs)
    heads = [
        say(f"head_{name}") for name in ("number", "run", "recorded", "placed", "fit", "proven")
    ]
    number, name, recorded, placed, fit, proven = heads
    lines = [f"{number:>4}  {name:{width}}  {recorded:16}  {placed}  {fit}  {proven}"]
    lines += [
        f"{run.number:4}  {run.run_id:{width}}  {say.moment(run.recorded_at)}"
        f"  {say('placed_of', placed=f'{run.placed:4}', all=f'{run.citizens:<6}')}"
        f" {run.value('fit') or 0:8}  {say('yes' if run.proven else 'no')}{_notes(run, say)}"
        for run in runs
    ]
    return "\n".join(line.rstrip() for line in lines)


class _Say(Figures):
    """Writes the texts of this page, and the values between them."""

    def __call__(self, key: str, /, **facts: Any) -> str:
        return Message(f"runs.{key}", **facts).told(self.language)

    def moment(self, moment: dt.datetime) -> str:
        """Day and time in UTC, as the ledger keeps it."""
        return f"{self.date(moment.date())} {moment:%H:%M}"

    def name(self, name: str) -> str:
        """Return what something the ledger holds is called; a name it does not know stays."""
        key = f"runs.name_{name}"
        return catalogue(self.language).get(key, name)

    def part(
        self, heading: str, items: Sequence[_Item], text: Callable[[_Item], str], most: int
    ) -> list[str]:
        """Write a heading with the number, and the first of the items."""
        if not items:
            return []
        lines = [
            self("part", heading=self(heading), count=len(items)),
            *(f"  {text(one)}" for one in items[:most]),
        ]
        if len(items) > most:
            lines.append("  " + self("more", count=len(items) - most))
        return lines

    def resource(self, one: Row) -> str:
        """Name a resource with its use, and what one more would bring."""
        shown = UNITS[one.unit].shown
        used, capacity = one.used / shown, one.capacity / shown
        unit = self(f"unit_{one.unit}")
        price = ""
        if one.price:
            price = self("price", fit=float(f"{one.price * shown:.3g}"))
        about = catalogue(self.language)[f"row_name.{one.rule}"]
        use = self("use", used=float(f"{used:g}"), all=float(f"{capacity:g}"), unit=unit)
        return f"{about} {one.key}: {use}".rstrip() + price

    def pairs(self, content: Mapping[str, Any]) -> str:
        """Write names and values one after the other."""
        return ", ".join(f"{self.name(name)} {self.cell(value)}" for name, value in content.items())

    def cell(self, value: Any) -> str:
        """Write a value."""
        if value is None:
            return self("nothing")
        if isinstance(value, Mapping):
            return f"({self.pairs(value)})"
        if isinstance(value, (list, tuple)):
            return " ".join(map(str, value)) or self("nothing")
        if isinstance(value, bool):
            return self("true" if value else "false")
        if isinstance(value, dt.date):
            return self.date(value)
        if isinstance(value, float):
            return self.marked(str(value))
        return str(value)


def _notes(run: Run, say: _Say) -> str:
    notes = []
    if run.made_up:
        notes.append(say("made_up"))
    if run.repeats:
        notes.append(say("made_times", count=run.repeats + 1))
    if run.forgotten:
        notes.append(say("forgotten_since", count=run.forgotten))
    return f"  ({', '.join(notes)})" if notes else ""


def run_text(
    run: Run,
    resources: Sequence[Row],
    folders: Sequence[Path],
    decisions: Sequence[Decision],
    asked: Sequence[AskedBeside],
    gone: str | None,
    most: int,
    language: Language = "en",
) -> str:
    """Write what a run came from and came to."""
    policy, say = run.policy, _Say(language)
    lines = [
        say("run", run=run.run_id, number=run.number, day=run.day,
            moment=say.moment(run.recorded_at)) + _notes(run, say),
        say("tables", address=run.address),
        say("input", digest=run.input_digest, state=gone or Message("runs.input_stored")),
        say("policy", name=policy["name"], version=policy["version"], digest=policy["digest"]),
        *("  " + say("policy_change", change=change) for change in policy["overrides"]),
        say("options", pairs=say.pairs(run.options)),
        say("versions", pairs=say.pairs(run.versions)),
        say("engine", method=run.engine.get("method"),
            pairs=say.pairs(run.engine.get("counts", {}))),
        say("seconds", pairs=say.pairs(run.times.get("run_times", {}))),
        *(say("folder", folder=str(folder)) for folder in folders),
        "",
        say("reached", placed=run.placed, all=run.citizens, left=run.unplaced)
        + (f" ({say.pairs(run.causes)})" if run.causes else ""),
        *(_tier(tier, say) for tier in run.tiers[:2]),
    ]  # fmt: skip
    issues = run.issues
    lines.append(
        say(
            "issues",
            errors=Message("count.errors", count=issues["errors"]),
            warnings=Message("count.warnings", count=issues["warnings"]),
            aside=Message("count.rows", count=issues["rows_put_aside"]),
        )
    )
    lines += [f"  {one['count']:5}  {_code(one, say)}" for one in issues["by_code"][:most]]
    beside = {one.citizen_id for one in asked}
    counts = Counter(one.verdict for one in decisions if one.citizen_id not in beside)
    if counts:
        lines.append(say("decisions", pairs=say.pairs(dict(sorted(counts.items())))))
    if asked:
        lines.append(_asked_line(asked, decisions, say))
    used_up = sorted(
        (one for one in resources if one.binding),
        key=lambda one: (-(one.price or 0), one.rule, one.key),
    )
    lines += say.part("used_up", used_up, say.resource, most)
    return "\n".join(lines)


def _asked_line(asked: Sequence[AskedBeside], decisions: Sequence[Decision], say: _Say) -> str:
    """Say how many were asked beside others, for how many seats, and what it has come to."""
    said: dict[str, str] = {one.citizen_id: one.verdict for one in decisions}
    answers = Counter(
        _BESIDE[str(one.came_to or said.get(one.citizen_id, "silent"))] for one in asked
    )
    seats = len({(one.opening_id, one.proposed) for one in asked})
    return say("asked_beside", count=len(asked), seats=seats,
               pairs=say.pairs(dict(sorted(answers.items()))))  # fmt: skip


def _code(one: Mapping[str, Any], say: _Say) -> str:
    """Name an issue: its stable code in English, what it is called in any other language."""
    code = str(one["code"])
    severity = Message(f"severity.{one['severity']}").told(say.language)
    if say.language == ENGLISH:
        return f"{severity} {code}"
    return f"{severity} {catalogue(say.language).get(f'code.{code}', code)}"


def _tier(tier: Tier, say: _Say) -> str:
    end = say("proven") if tier.proven else say("at_most", bound=tier.bound, gap=100 * tier.gap)
    return f"{say.name(tier.name)}: {tier.value}, {end}"


def difference_text(change: Difference, most: int, language: Language = "en") -> str:
    """Write what changed from one run to another."""
    before, after, say = change.before, change.after, _Say(language)
    lines = [say("minus", after=after.run_id, before=before.run_id)]
    if before.run_id == after.run_id:
        return f"{lines[0]}\n{say('same_run')}"
    if change.same_input:
        lines.append(say("same_input"))
    lines += [f"  {say.name(name)}: {value:+d}" for name, value in change.totals.items()]
    lines += say.part(
        "came",
        change.came,
        lambda one: say("came_one", citizen=one.citizen_id, opening=one.opening_id, fit=one.fit),
        most,
    )
    lines += say.part(
        "left",
        change.left,
        lambda one: say(
            "left_one",
            citizen=one.proposal.citizen_id,
            opening=one.proposal.opening_id,
            cause=say.name(one.cause) if one.cause else Message("runs.no_longer"),
        ),
        most,
    )
    lines += say.part(
        "moved",
        change.moved,
        lambda one: say(
            "moved_one",
            citizen=one.before.citizen_id,
            before=one.before.opening_id,
            after=one.after.opening_id,
            fit=f"{one.after.fit - one.before.fit:+d}",
        ),
        most,
    )
    lines += say.part("changed", change.changed, lambda one: _changed(one, say), most)
    lines.append(say("kept", kept=change.kept))
    counts = ", ".join(f"{say.name(name)} {count}" for name, count in change.counts.items())
    lines.append(say("proposals_of", run=after.run_id, counts=counts))
    if change.forgotten:
        lines.append(say("not_compared", forgotten=change.forgotten))
    lines += say.part("scarce", [one.after for one in change.scarce], say.resource, most)
    lines += say.part("eased", [one.before for one in change.eased], say.resource, most)
    return "\n".join(lines)


def _changed(one: BeforeAfter, say: _Say) -> str:
    parts = [
        f"{say.name(name)} {say.cell(getattr(one.before, name))} ->"
        f" {say.cell(getattr(one.after, name))}"
        for name in _CHANGED
        if getattr(one.before, name) != getattr(one.after, name)
    ]
    return say(
        "changed_one",
        citizen=one.before.citizen_id,
        opening=one.before.opening_id,
        parts=", ".join(parts),
    )


def remade_text(remade: Remade, most: int, language: Language = "en") -> str:
    """Write whether a run came out as it is stored."""
    say, run = _Say(language), remade.run.run_id
    if remade.same:
        lines = [say("remade_same", run=run)]
    else:
        lines = [say("remade_differs", run=run, count=len(remade.differences))]
    lines += [f"  {tell(text, language)}" for text in remade.differences[:most]]
    if len(remade.differences) > most:
        lines.append("  " + say("more_json", count=len(remade.differences) - most))
    lines += [
        say("version", name=name, then=then, now=now)
        for name, (then, now) in remade.versions.items()
    ]
    if remade.timed and not remade.same:
        lines.append(say("timed"))
    return "\n".join(lines)


def forgotten_text(done: Forgotten, language: Language = "en") -> str:
    """Write what was done to forget somebody, without saying whom."""
    say = _Say(language)
    if not done.found:
        lines = [say("nothing_of")]
    else:
        lines = [say("forgotten")]
        lines += [f"  {say.name(name)}: {count}" for name, count in done.rows.items()]
        if done.inputs:
            lines.append("  " + say("stored_inputs", inputs=done.inputs))
        lines += ["  " + say("run_folder", folder=str(folder)) for folder in done.folders]
        lines += ["  " + say("removed", file=str(file)) for file in done.removed]
        if done.removed:
            lines.append("  " + say("form_again"))
    if done.unreachable:
        lines.append(say("not_seen", folders=tuple(map(str, done.unreachable))))
    lines.append(say("yours_to_clean"))
    return "\n".join(lines)


def purged_text(done: Purged, language: Language = "en") -> str:
    """Write what was kept no longer."""
    say = _Say(language)
    if not done.found:
        return say("nothing_due")
    lines = [say("deleted")]
    lines += ["  " + say("tables_of", count=done.inputs)] if done.inputs else []
    lines += ["  " + say("run_folder", folder=str(folder)) for folder in done.folders]
    lines += [
        "  " + say("ids_in", table=say.name(name), count=count)
        for name, count in done.persons.items()
    ]
    lines += ["  " + say("runs_gone", runs=done.runs)] if done.runs else []
    lines += ["  " + say("scenarios_gone", scenarios=done.scenarios)] if done.scenarios else []
    return "\n".join(lines)
