"""The back-ups of a plan: lawful, ordered, promised once, and everybody whose turn comes has room.

Written from the rules page ("From week to week"), like the rest of the check.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from matcher.plan import Plan
from matcher.policy import Policy
from matcher.queues import BackUp, BackUps, Path, Together
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import Facts
from matcher.verify.findings import VALUE, Violation, wrong_number
from matcher.verify.resources import RowKey, free_of, used_by

_WHOLE = 10_000
"""Parts that a chance is counted in."""
_NEAR = 1e-9
"""How near a chance may lie to a ten-thousandth to count as it."""
Queues = Mapping[str, Sequence[BackUp]]


def wrong_queues(plan: Plan, found: BackUps, most: int) -> Iterator[Violation]:
    """Tell of queues whose order, people or counts are not what the rules say."""
    proposed = {one.citizen_id: one for one in plan.placements}
    seen = Counter(proposed.keys())
    ranks: dict[str, list[int]] = defaultdict(list)
    for one in found.each:
        who, where = one.placement.citizen_id, _where(one)
        seen[who] += 1
        ranks[one.proposed].append(one.rank)
        first = proposed.get(one.proposed)
        if first is None or first.opening_id != one.opening_id or first.locked:
            yield _wrong(where, 0, 1, f"{one.proposed} has no open proposal at {one.opening_id}.")
        if one.placement.opening_id != one.opening_id:
            yield _wrong(where, 0, 1, f"the back-up is for {one.placement.opening_id}.")
    for who in sorted(seen):
        if seen[who] > 1:
            yield _wrong(who, seen[who], 1, f"is promised {seen[who]} places.")
    for who, given in sorted(ranks.items()):
        if given != list(range(1, len(given) + 1)) or len(given) > most:
            told = ", ".join(map(str, given))
            yield _wrong(f"queue of {who}", len(given), most, f"has the ranks {told}.")
    order = [(one.opening_id, one.proposed, one.rank) for one in found.each]
    if order != sorted(order):
        yield _wrong("back-ups", 0, 1, "are not sorted by opening, citizen proposed and rank.")
    yield from _wrong_counts(plan, found)


def _wrong_counts(plan: Plan, found: BackUps) -> Iterator[Violation]:
    """Hold what is claimed of each rank against the queues."""
    queues = Counter(one.proposed for one in found.each)
    asked = sum(not one.locked for one in plan.placements)
    for told in found.ranks:
        there = [one for one in found.each if one.rank == told.rank]
        where = f"back-ups of rank {told.rank}"
        numbers = (
            ("asked", told.asked, asked),
            ("found", told.found, len(there)),
            ("fit", told.fit, sum(one.placement.fit for one in there)),
        )
        for name, value, given in numbers:
            if value != given:
                yield wrong_number(f"{where}: {name}", value, given)
        if not told.found <= told.bound <= asked or (told.proven and told.bound != told.found):
            yield _wrong(where, told.found, told.bound, f"cannot have the bound {told.bound}.")
        asked = sum(count >= told.rank for count in queues.values())
    if found.each and max(queues.values()) > len(found.ranks):
        yield _wrong("back-ups", max(queues.values()), len(found.ranks), "of a rank not told of.")


def wrong_room(
    facts: Facts,
    cases: Sequence[CheckedPlacement],
    queues: Mapping[str, Sequence[CheckedPlacement]],
) -> Iterator[Violation]:
    """Tell of rows that would break if some decline: by what steps in beyond what the plan leaves.

    Parameters
    ----------
    facts
        Of all that plan and back-ups touch.
    cases
        Placements of the plan.
    queues
        Back-ups of each proposal, by its citizen.
    """
    own = {case.citizen.citizen_id: used_by(case) for case in cases}
    more: Counter[RowKey] = Counter()
    for who, queue in queues.items():
        most: Counter[RowKey] = Counter()
        for case in queue:
            for key, use in used_by(case).items():
                most[key] = max(most[key], use - own.get(who, Counter())[key])
        more.update(most)
    used: Counter[RowKey] = Counter()
    for use_of_one in own.values():
        used.update(use_of_one)
    for key in sorted(more):
        capacity = free_of(facts, key)
        if more[key] <= 0 or capacity is None:
            continue
        left = capacity - used[key]
        if more[key] > left:
            where = f"{key[0]}[{key[1]}]"
            message = (
                f"{where}: back-ups may need {more[key]} more than the proposals they stand in"
                f" for; the plan leaves {left}."
            )
            yield Violation("back_ups", where, more[key], left, message)


def wrong_together(
    policy: Policy,
    found: BackUps,
    cases: Mapping[str, CheckedPlacement],
    queues: Mapping[str, Sequence[CheckedPlacement]],
) -> Iterator[Violation]:
    """Tell of seats for which more, or fewer, are asked at once than the policy allows.

    Parameters
    ----------
    cases
        Placements of the plan, by citizen.
    queues
        Back-ups of each proposal, by its citizen.
    """
    told = {one.proposed: one for one in found.together}
    order = [one.proposed for one in found.together]
    ours = [proposed for proposed, _ in found.queues() if proposed in told]
    if order != ours:
        yield _wrong("asked together", len(order), len(ours), "are not each queue once, in order.")
    for who, queue in queues.items():
        if who not in cases:
            continue
        asked, exposure = _asked(policy, found.answers, (cases[who], *queue))
        given = told.get(who, Together(who, 0, 0))
        if given.asked != asked:
            yield wrong_number(f"seat of {who}: asked beside", given.asked, asked)
        elif given.exposure != exposure:
            yield wrong_number(f"seat of {who}: exposure in millionths", given.exposure, exposure)


def _asked(
    policy: Policy, answers: Mapping[Path, tuple[int, int]], cases: Sequence[CheckedPlacement]
) -> tuple[int, int]:
    """Return how many may be asked beside the first, and the exposure in millionths."""
    rule = policy.declines.several
    cap = Fraction(rule.beyond_percent, 100)
    asked, exposure = 0, Fraction(0)
    total, nobody = Fraction(0), Fraction(1)
    for number, case in enumerate(cases):
        allowed = case.placement.measure in rule.measures and case.workplace.sector in rule.sectors
        chance = _upper(policy, answers, case) if allowed and number <= rule.most else None
        if chance is None:
            break
        total, nobody = total + chance, nobody * (1 - chance)
        here = total - 1 + nobody
        if number and here > cap:
            break
        asked, exposure = number, here
    return asked, math.ceil(exposure * 1_000_000)


def _upper(
    policy: Policy, answers: Mapping[Path, tuple[int, int]], case: CheckedPlacement
) -> Fraction | None:
    """Upper end of the interval of the share accepted; None where too little is known.

    The smallest number of ten-thousandths that the share exceeds with no more than the tail's
    chance, looked for by halves.
    """
    rule, fewest = policy.declines, policy.oversight.fewest
    kind = (case.placement.measure, case.workplace.sector, case.opening.isco[:1])
    groups = [kind[:length] for length in (3, 2, 1, 0)]  # the smallest first, then all
    known = [answers[path] for path in groups if answers.get(path, (0, 0))[1] >= fewest]
    if not known:
        return None
    from scipy.stats import beta  # slow to import

    yes, settled = known[0]
    before = rule.accepted_weight * rule.accepted_percent / 100
    share = beta(before + yes, rule.accepted_weight - before + settled - yes)
    tail = (1 - rule.interval_percent / 100) / 2
    low, high = 0, _WHOLE
    while low < high:
        middle = (low + high) // 2
        if share.sf(middle / _WHOLE + _NEAR) <= tail:
            high = middle
        else:
            low = middle + 1
    return Fraction(low, _WHOLE)


def _where(one: BackUp) -> str:
    return f"{one.placement.citizen_id} for {one.proposed} at {one.opening_id}"


def _wrong(where: str, value: int, limit: int, what: str) -> Violation:
    return Violation(VALUE, where, value, limit, f"{where}: {what}")
