"""Sentences about single facts, in Danish and English, from templates of the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from matcher.again import WaysOut
from matcher.explain.all_levers import Pull
from matcher.explain.assumed import assumed_mark, columns_of_rule
from matcher.explain.beginning import Beginning
from matcher.explain.bottlenecks import Bottleneck, Gain
from matcher.explain.calls import MEASURE, SHIFT, Call, Calls
from matcher.explain.citizen_explanation import Support
from matcher.explain.levers import LeverGain
from matcher.explain.margins import Alternative, Margin, triage
from matcher.explain.moving import Step, Unlock
from matcher.explain.targets import Target
from matcher.explain.unlocking import Unlocked
from matcher.explain.why_not import Link, Move, Seat, WhyNot
from matcher.offers import Weighed
from matcher.plan import Clash
from matcher.problem import Problem
from matcher.row_kinds import OPENING_SEATS, ROW_KINDS, RowNames
from matcher.rules import RULES, UNKNOWN, Language, shown
from matcher.texts import Speech
from matcher.unknown import ASSUMED
from matcher.week import WEEKDAYS

_CAR = 1440
"""Stands for leaving whenever one likes."""
_NO_LIMIT = 999


class Telling(Speech):
    """Tells facts about a week in one language.

    Parameters
    ----------
    problem
        The week, for the names of things.
    language
        ``en`` or ``da``.
    teams
        Teams whose citizens are named by id to who reads it. None: all.
    """

    def __init__(
        self, problem: Problem, language: Language, teams: Collection[str] | None = None
    ) -> None:
        super().__init__(language)
        self._teams = teams
        self._units: dict[str, str] = {} if teams is None else units_of(problem)
        self.problem, self.policy = problem, problem.policy
        self._names = RowNames(problem.tables)
        openings = problem["openings"]
        marked = openings[openings[ASSUMED].ne("")]
        self._assumed = {
            one: frozenset(text.split(";"))
            for one, text in zip(
                marked["opening_id"].tolist(), marked[ASSUMED].tolist(), strict=True
            )
        }

    def weekday(self, day: dt.date) -> str:
        """Date with its weekday."""
        return f"{self(f'weekday.{WEEKDAYS[day.weekday()]}')} {self.date(day)}"

    def beginning(self, begins: Beginning) -> str:
        """Say on which day work begins, what it waits for, and when the class begins."""
        why = self(
            f"start.{begins.waits_for}",
            ready=self.weekday(begins.ready),
            paper=self.paper(begins.paper) if begins.paper else "",
        )
        key = "start.at_once" if begins.ready == begins.start else "start.next"
        sentence = self(key, start=self.weekday(begins.start), why=why)
        if begins.class_from is None:
            return sentence
        return f"{sentence}; {self('start.class', day=self.weekday(begins.class_from))}"

    def opening(self, opening_id: str) -> str:
        """Name an opening: title, workplace and id; and that it is partly assumed, where it is."""
        name = self._names.own(OPENING_SEATS.id, opening_id)
        return f"{name}{self('assumed.partly')}" if opening_id in self._assumed else name

    def rests(self, rule: str, opening_id: str) -> str:
        """Mark a rule that compares something assumed of an opening."""
        columns = self._assumed.get(opening_id, frozenset()) & columns_of_rule(rule)
        return assumed_mark(columns, self.language)

    def measure(self, name: str, minutes: int | None = None) -> str:
        """Name of a measure, by minutes of work a week where they are known."""
        return self.pick(self.policy.measure_name(name, minutes))

    def paper(self, code: str) -> str:
        """Name of a paper."""
        return self(f"paper.{code}")

    def row(self, rule: str, key: str) -> str:
        """Name one unit of a row of the model."""
        return self(f"one_row.{rule}", what=self._about(rule, key))

    def _about(self, rule: str, key: str) -> str:
        kind = ROW_KINDS.get(rule)
        if kind is None:
            return key
        if kind.texts:
            return self.known(f"{kind.texts}.{key}", self(f"{kind.texts}.other", what=key))
        return self._names.own(rule, key)

    def cost(self, cost: tuple[int, int], *, proven: bool = True) -> str:
        """Say what a plan loses; ``cost`` in placements (or priority) and fit."""
        first, fit = cost
        if first:
            weighs = self.policy.tiers.priority_step_weeks > 0
            text = self("cost.weight" if weighs else "cost.places", first)
            if fit:
                key = "cost.less_fit" if fit > 0 else "cost.more_fit"
                text += " " + self(key, fit=self.whole(abs(fit)))
        elif fit:
            text = self("cost.fit", fit, fit=self.whole(fit))
        else:
            text = self("cost.nothing")
        return text if proven else self("cost.at_most", text=text)

    def triage(self, margin: Margin) -> str:
        """Sort a proposal: ``close``, ``sure`` or between; ``locked`` where a lock decides."""
        return triage(margin, self.policy.triage.close_points, self.policy.triage.sure_points)

    def margin(self, margin: Margin) -> str:
        """Say what hangs on a proposal."""
        if margin.cost is None:
            return self("this.locked")
        text = self(
            "margin.stays" if margin.stays else "margin.leaves",
            cost=self.cost(margin.cost, proven=margin.proven),
        )
        rule = self.policy.triage
        how = self(
            f"margin.{self.triage(margin)}",
            close=self.whole(rule.close_points),
            sure=self.whole(rule.sure_points),
        )
        return f"{how}. {text}"

    def alternative(self, one: Alternative) -> str:
        """Say what another opening would cost the whole."""
        return self(
            "margin.alternative",
            opening=self.opening(one.seat.opening_id),
            measure=self.measure(one.seat.measure),
            fit=one.seat.fit,
            cost=self._at_least(one.cost)
            if one.at_least
            else self.cost(one.cost, proven=one.proven),
        )

    def _at_least(self, cost: tuple[int, int]) -> str:
        # A bound of nothing is no plan just as good.
        if not any(cost):
            return self("cost.unknown")
        return self("cost.at_least", text=self.cost(cost))

    def why_not(self, why: WhyNot) -> list[str]:
        """Say why not that one: a sentence, then a line for each rule or move."""
        opening = self.opening(why.opening_id)
        if why.verdict in {"proposed", "locked"}:
            return [self(f"not.{why.verdict}", opening=opening)]
        if why.verdict == "rules":
            return [self("not.rules", opening=opening), *self.failures(why)]
        if why.verdict == "short":
            return [self("not.short", opening=opening, rows=self._rows(why))]
        if why.forced is None:
            raise ValueError(why)
        loss = (-why.forced.change[0], -why.forced.change[1])
        lines = [
            self(
                "not.possible" if any(loss) else "not.free",
                opening=opening,
                measure=self.measure(why.forced.seat.measure),
                fit=why.forced.seat.fit,
                cost=self.cost(loss, proven=why.forced.proven),
            )
        ]
        if why.full:
            lines.append(self("not.full", rows=self._rows(why)))
        lines.append(self("not.moves", len(why.forced.moves)))
        return lines + [self.move(move) for move in why.forced.moves]

    def _rows(self, why: WhyNot) -> str:
        return "; ".join(self.row(rule, key) for rule, key in why.full)

    def failures(self, why: WhyNot) -> list[str]:
        """Say each rule that fails, with both values."""
        return [
            (
                failure.sentence(self.language)
                if failure.measure is None
                else self(
                    "not.under",
                    measure=self.measure(failure.measure),
                    sentence=failure.sentence(self.language),
                )
            )
            + self.rests(failure.rule, why.opening_id)
            for failure in why.failures
        ]

    def move(self, move: Move) -> str:
        """Say one step of a chain."""
        named = self._named(move.citizen_id, begins=True)
        text = self._moved(named, move.before, move.after)
        if move.link is None:
            return text
        return self._linked(text, move.link)

    def _named(self, citizen_id: str, *, begins: bool = False) -> str:
        unit = self._units.get(citizen_id, "")
        return self.citizen(citizen_id, unit, self._teams, begins=begins)

    def _linked(self, text: str, link: Link) -> str:
        key = "move.gives" if link.gives else "move.takes"
        return self(
            key, move=text, row=self.row(link.rule, link.key), other=self._named(link.other)
        )

    def _moved(self, citizen: str, before: Seat | None, after: Seat | None) -> str:
        if before is None and after is not None:
            return self("move.gets", citizen=citizen, after=self.opening(after.opening_id))
        if after is None and before is not None:
            return self("move.loses", citizen=citizen, before=self.opening(before.opening_id))
        if before is None or after is None:
            raise ValueError(citizen)
        if before.opening_id != after.opening_id:
            return self(
                "move.goes",
                citizen=citizen,
                before=self.opening(before.opening_id),
                after=self.opening(after.opening_id),
            )
        return self(
            "move.measure" if before.measure != after.measure else "move.supports",
            citizen=citizen,
            after=self.opening(after.opening_id),
            measure=self.measure(after.measure),
        )

    def step(self, step: Step) -> str:
        """Say one lever."""
        return self.lever(step.lever, step.about, step.amount)

    def lever(self, lever: str, about: str, amount: int) -> str:
        """Say a lever, what it is about and how much."""
        values: dict[str, object] = {"what": self._about(lever, about)}
        if lever == "paper":
            values["paper"] = self.paper(about)
        if lever == "measure":
            opening, _, measure = about.rpartition("/")
            values = {"opening": self.opening(opening), "measure": self.measure(measure)}
        return self(f"lever.{lever}", amount, **values)

    def pulls(self, pulls: Sequence[Pull]) -> list[str]:
        """Say the levers of a set with their costs; those on own situations by what is changed."""
        lines = []
        own: dict[str, list[Pull]] = {}
        for pull in pulls:
            if pull.own:
                own.setdefault(pull.lever, []).append(pull)
                continue
            what = self.lever(pull.lever, pull.about, pull.amount)
            lines.append(self("target.pull", what=what, cost=self.whole(pull.cost)))
        for lever, mine in own.items():
            kind, _, paper = lever.partition(":")
            what = self.lever(kind, paper, mine[0].amount)
            cost = self.whole(sum(pull.cost for pull in mine))
            who = ", ".join(pull.about for pull in mine)
            lines.append(self("target.own", len(mine), what=what, who=who, cost=cost))
        return lines

    def target(self, found: Target) -> str:
        """Say what a target comes to."""
        best = found.best
        told = {"base": self.whole(found.base), "placements": self.whole(best.placements),
                "cost": self.whole(best.cost)}  # fmt: skip
        if found.money is not None:
            head = self("target.for_money", money=self.whole(found.money), **told)
        elif not best.pulls and found.reached:
            return self("target.nothing", wanted=self.whole(found.placements or 0), **told)
        elif found.reached:
            head = self("target.reached", **told)
        else:
            head = self("target.out", wanted=self.whole(found.placements or 0), **told)
        if best.proven:
            return f"{head} {self('target.proven')}"
        bound = self.whole(best.cost_bound)
        return f"{head} {self('target.not_proven', cost=bound)}"

    def calls(self, found: Calls) -> str:
        """Say what all calls come to."""
        if not found.calls:
            return self("calls.none")
        told = {"base": self.whole(found.base), "placements": self.whole(found.placements)}
        lines = [self("calls.head", len(found.calls), **told)]
        over = found.calls[-1].in_all - found.placements
        if over > 0:  # a week's own offers look at few classes and sessions
            lines.append(self("calls.over", over, placements=told["placements"]))
        if not found.proven:
            lines.append(self("calls.not_proven"))
        return " ".join(lines)

    def call(self, call: Call) -> str:
        """Say whom to call, what to ask for, and what it brings."""
        more = self("calls.more", call.placements, all=self.whole(call.in_all))
        return f"{self.opening(call.opening_id)}: {self.asked(call)}. {more}"

    def asked(self, call: Call) -> str:
        """Say what an employer is asked for."""
        about = call.about
        if call.ask == MEASURE:
            about = self.measure(about)
        elif call.ask == SHIFT:
            about = self.week(about)
        return self(f"calls.{call.ask}", about=about)

    def unlock(self, unlock: Unlock) -> str:
        """Say one change that works."""
        steps = self("unlock.and").join(self.step(step) for step in unlock.steps)
        values = {
            "steps": steps[:1].upper() + steps[1:],
            "opening": self.opening(unlock.seat.opening_id),
            "cost": self.whole(unlock.cost),
        }
        if unlock.moves:
            return self("unlock.moves", unlock.moves, **values)
        if unlock.openings > 1:
            return self("unlock.several", unlock.openings, **values)
        if any(step.about.split("/")[0] == unlock.seat.opening_id for step in unlock.steps):
            return self("unlock.here", **values)
        return self("unlock.works", **values)

    def unlocked(self, unlocked: Unlocked) -> list[str]:
        """Say what would help one citizen."""
        told = [*unlocked.singles, *unlocked.pairs]
        lines = [self("unlock.head"), *(self.unlock(one) for one in told)]
        if not told:
            lines = [self("unlock.none")]
        if unlocked.opened:
            lines.append(self("unlock.opened", list=self.opened(unlocked.opened)))
        if unlocked.unsettled:
            lines.append(self("unlock.unsettled", unlocked.unsettled))
        return lines

    def opened(self, opened: Mapping[str, int]) -> str:
        """List the levers that open openings, most first."""
        return "; ".join(
            self("unlock.opened_one", lever=self.named_lever(name), count=self.whole(count))
            for name, count in sorted(opened.items(), key=lambda item: (-item[1], item[0]))
        )

    def named_lever(self, name: str) -> str:
        """Say a lever on a citizen by its name, e.g. ``paper:hygiene``."""
        lever, _, about = name.partition(":")
        amount = self.policy.unlocking.steps.get(lever, 1)
        return self.lever(lever, about, amount)

    def lever_gain(self, gain: LeverGain) -> str:
        """Say what a lever brings when it is pulled for many."""
        text = self.named_lever(gain.lever)
        told = self(
            "gain.group",
            gain.placements,
            lever=text[:1].upper() + text[1:],
            citizens=self("gain.citizens", gain.citizens),
            offers=self("gain.offers", gain.openings),
        )
        return told if gain.proven else self("gain.unproven", text=told)

    def gain(self, gain: Gain) -> str:
        """Say what so many units more bring."""
        if gain.placements:
            text = self("gain.placements", gain.placements, fit=f"{gain.fit:+,d}")
        elif gain.fit:
            text = self("gain.fit", fit=self.whole(gain.fit))
        else:
            text = self("gain.none")
        return text if gain.proven else self("gain.unproven", text=text)

    def resource(self, one: Bottleneck) -> str:
        """Name a scarce row: its kind and what it is about."""
        what = self._about(one.rule, one.key)
        if ROW_KINDS[one.rule].texts:
            return what[:1].upper() + what[1:]
        kind = self(f"row_name.{one.rule}")
        return f"{kind[:1].upper()}{kind[1:]}: {what}"

    def ways_out(self, ways: WaysOut, clash: Clash) -> list[str]:
        """Say what would resolve what cannot hold together."""
        lines = []
        if ways.let_go:
            lines.append(self("clash.let_go", locks=self._locks(ways.let_go)))
        floors = {(row.rule, row.key) for row in clash.rows if row.floor}
        lines += [
            self(
                "clash.lower" if (one.rule, one.key) in floors else "clash.raise",
                name=self(f"row_name.{one.rule}"),
                key=one.key,
                more=self.whole(one.more),
            )
            for one in ways.raises
        ]
        return lines

    def _locks(self, locks: Sequence[tuple[str, str]]) -> str:
        return ", ".join(
            self("clash.lock_at", citizen=citizen, opening=opening) for citizen, opening in locks
        )

    def weighed(self, rules: Sequence[Weighed], opening_id: str = "") -> list[str]:
        """Say each rule that held at an opening with something to say, and how many hold in all."""
        lines = [
            self.compared(one) + self.rests(one.rule, opening_id)
            for one in rules
            if says_something(one)
        ]
        return [*lines, self("topic.rest", len(rules))]

    def compared(self, one: Weighed) -> str:
        """Say what a rule is about, with both values."""
        rule = RULES[one.rule]
        return self(
            "topic.by" if rule.unit == "date" else f"topic.{rule.sense}",
            topic=self.topic(one.rule),
            value=shown(one.value, rule.unit, self.language),
            limit=shown(one.limit, rule.unit, self.language),
        )

    def topic(self, rule: str) -> str:
        """Say what a rule is about, in words that fit when it holds."""
        kind, _, code = rule.partition("_")
        if kind not in {"health", "paper"}:
            return self(f"topic.{rule}")
        name = self(f"{kind}.{code}")
        return name[:1].upper() + name[1:]

    def support(self, support: Support) -> str:
        """Say what a support adds and the gap it closes."""
        facts = dict(support.facts)
        if support.kind == "class":
            oral = int(facts["oral"]) < int(facts["oral_floor"])
            reading = int(facts["reading"]) < int(facts["reading_floor"])
            key = "class_both" if oral and reading else "class_oral" if oral else "class_reading"
            levels = {
                name: shown(int(value), "level", self.language) for name, value in facts.items()
            }
            return self(f"gives.{key}", key=support.key, **levels)
        if support.kind == "mentor":
            hours = {
                name: shown(int(value), "hours", self.language) for name, value in facts.items()
            }
            return self("gives.mentor", key=support.key, **hours)
        return self(
            "gives.course",
            key=support.key,
            paper=self.paper(str(facts["paper"])),
            day=self.date(dt.date.fromisoformat(str(facts["ready_on"]))),
        )


def units_of(problem: Problem) -> dict[str, str]:
    """Return the unit (team) of each citizen's caseworker; empty where unknown."""
    people = problem["citizens"][["citizen_id", "caseworker_id"]]
    crew = problem["caseworkers"].set_index("caseworker_id")["unit"]
    units = people["caseworker_id"].map(crew).fillna("").astype(str)
    return dict(zip(people["citizen_id"].tolist(), units.tolist(), strict=True))


def says_something(one: Weighed) -> bool:
    """Whether a rule that holds compared anything but nothing with nothing."""
    rule = RULES[one.rule]
    if rule.unit == "yes" or rule.bare or one.value == UNKNOWN:
        return False
    if rule.sense == "most":
        return one.value > 0 and one.limit < rule.no_limit
    if rule.unit == "clock":
        return one.value < _CAR
    return one.limit > 0 and one.value != _NO_LIMIT and one.value > 0
