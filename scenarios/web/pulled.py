"""What is pulled: ready scenarios, numbers of the policy, more of one thing, new openings.

All of it stands in the address of a page, and is written as the file that `jobmatch whatif` runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from matcher.cpr import mask
from matcher.policy import Policy
from matcher.row_kinds import BUDGET, ROW_KINDS
from matcher.texts import LANGUAGES, Language, Message, catalogue
from scenarios.patch import library, parameters_of
from scenarios.web.naming import Names

MINE = "mine"
"""Name of the scenario that a page is about."""
FIRST = (
    "more_mentor_hours", "more_class_seats", "hygiene_courses", "budget_cut", "more_follow_up",
    "more_starts", "lower_language_floor", "private_openings", "part_time_seats",
    "better_transport",
)  # fmt: skip
"""Ready scenarios that stand first; the others of the library follow."""
MOST_DIGITS = 8
"""Digits of a whole number in an address."""
MOST_MORE = 10 ** (MOST_DIGITS - 1)
"""What is taken more of stays below it: an address cannot say it."""
MOST_NEW_SEATS = 500
"""Seats of a new opening."""
OF_THE_PAGE = frozenset({"run", "as", "patient", "part"})
"""What else the address of the levers may say."""
LEVELS = 6
"""Highest level of Danish."""
FLOOR, WEIGHTS, RATIO = "fit.floor", "fit.weights", "ratio_rule"
BUDGETS, YEAR_BUDGETS = "money.budgets", "money.year_budgets"
RATIOS = ("first_per", "then_per", "at_least")
"""Numbers of the ratio rule that can be tried; the law sets them, so that the answer tells what the
rule holds back."""


@dataclass(frozen=True)
class Slide:
    """One number that can be moved."""

    name: str
    """As in the address: ``scenario.parameter``, or the key of the policy."""
    text: str
    value: float
    least: float
    most: float
    step: float | str
    """Distance between two values; ``any``."""


@dataclass(frozen=True)
class Lever:
    """A ready scenario, with the numbers it leaves open."""

    name: str
    title: str
    explanation: str
    on: bool
    slides: tuple[Slide, ...]


@dataclass(frozen=True)
class Setting:
    """A number of the policy, as it is and as it is tried."""

    slide: Slide
    now: float
    """What holds."""
    group: str
    """What it stands with: ``fit``, ``weights``, ``ratio``, ``budgets`` or ``year``."""

    @property
    def moved(self) -> bool:
        """Whether another value is tried."""
        return self.slide.value != self.now

    @property
    def keys(self) -> tuple[str, ...]:
        """Where it stands in the policy; the name of a budget line may hold dots."""
        name = self.slide.name
        for lines in (BUDGETS, YEAR_BUDGETS):
            if name.startswith(f"{lines}."):
                return (*lines.split("."), name.removeprefix(f"{lines}."))
        return tuple(name.split("."))


@dataclass(frozen=True)
class More:
    """So much more of one resource, or less where negative."""

    rule: str
    key: str
    amount: int
    """In the unit of its column: seats, hours, DKK a week."""

    @property
    def name(self) -> str:
        """As in the address."""
        return f"{self.rule}:{self.amount}:{self.key}"

    def toml(self, scenario: str) -> str:
        """Write it as a change of a table."""
        kind = ROW_KINDS[self.rule]
        return (
            f'[[scenario.{scenario}.change]]\ntable = "{kind.table}"\n'
            f"where = {{ {kind.key} = {_quoted(self.key)} }}\n"
            f"add = {{ {kind.capacity} = {self.amount} }}\n"
        )


@dataclass(frozen=True)
class NewOpening:
    """An opening like one that there is, at the same workplace."""

    like: str
    """Id of that one."""
    seats: int
    oral: int | None = None
    """Level of spoken Danish it asks for, 0-6. None: as the other one."""
    shifts: str = ""
    """Its working times. Empty: as the other one."""

    @property
    def name(self) -> str:
        """As in the address."""
        given = {"like": self.like, "seats": self.seats, "oral": self.oral, "shifts": self.shifts}
        return urlencode({name: value for name, value in given.items() if value not in (None, "")})

    def toml(self, scenario: str) -> str:
        """Write it as a change of a table."""
        cells = [f"seats = {self.seats}"]
        cells += [] if self.oral is None else [f"oral_floor = {self.oral}"]
        cells += [f"shifts = {_quoted(self.shifts)}"] if self.shifts else []
        return (
            f'[[scenario.{scenario}.change]]\ntable = "openings"\n'
            f"where = {{ opening_id = {_quoted(self.like)} }}\n"
            f"new = 1\nset = {{ {', '.join(cells)} }}\n"
        )


@dataclass(frozen=True)
class PulledLevers:
    """Everything that is different from the week as it is."""

    levers: tuple[Lever, ...]
    settings: tuple[Setting, ...] = ()
    more: tuple[More, ...] = ()
    new: tuple[NewOpening, ...] = ()

    @property
    def on(self) -> tuple[Lever, ...]:
        """Ready scenarios that are pulled."""
        return tuple(one for one in self.levers if one.on)

    @property
    def moved(self) -> tuple[Setting, ...]:
        """Numbers of the policy that are tried."""
        return tuple(one for one in self.settings if one.moved)

    @property
    def anything(self) -> bool:
        """Whether the week is another one."""
        return bool(self.on or self.moved or self.more or self.new)

    @property
    def reweighed(self) -> bool:
        """Whether fit is counted in another way than in the week as it is."""
        return any(one.group == "weights" for one in self.moved)

    @property
    def query(self) -> str:
        """What an address has to say for it, and no more."""
        pairs: list[tuple[str, str]] = []
        for lever in self.on:
            pairs.append(("on", lever.name))
            pairs += [(one.name, number(one.value)) for one in lever.slides]
        pairs += [(one.slide.name, number(one.slide.value)) for one in self.moved]
        pairs += [("more", one.name) for one in self.more]
        pairs += [("new", one.name) for one in self.new]
        return urlencode(pairs)

    def title(self, language: Language, *, numbers: bool = False) -> str:
        """Say in a few words what it is; empty where nothing is pulled.

        Parameters
        ----------
        numbers
            Whether to say how far ready scenarios are pulled, where they leave that open.
        """
        names, ready = Names(language), library().scenarios

        def far(one: Lever) -> str:
            told = "; ".join(names.words.decimal(slide.value, 2) for slide in one.slides)
            return f" ({told})" if numbers and told else ""

        return ", ".join([
            *(ready[one.name].title.of(language) + far(one) for one in self.on),
            *(f"{setting_text(one.slide.name, language)}: {names.words.decimal(one.slide.value)}"
              for one in self.moved),
            *(f"{one.amount:+d} {names.row(one.rule)} {one.key}" for one in self.more),
            *(names.say("new_like", seats=one.seats, like=one.like) for one in self.new),
        ])  # fmt: skip

    def toml(self, name: str = MINE, title: str = "") -> str:
        """Write it as the file that ``jobmatch whatif`` runs.

        Parameters
        ----------
        name
            Of the scenario: letters, digits and underscores.
        title
            In any language. Empty: what is pulled, in each.
        """
        said = ", ".join(f"{one} = {_quoted(title or self.title(one))}" for one in LANGUAGES)
        lines = [f"[scenario.{name}]", f"title = {{ {said} }}"]
        if self.on:
            lines.append("use = [")
            for lever in self.on:
                numbers = [f"{one.name.partition('.')[2]} = {number(one.value)}"
                           for one in lever.slides]  # fmt: skip
                lines.append("  { " + ", ".join([f'name = "{lever.name}"', *numbers]) + " },")
            lines.append("]")
        changes = [one.toml(name) for one in self.more if ROW_KINDS[one.rule].capacity]
        changes += [one.toml(name) for one in self.new]
        policy = self._policy()
        if policy:
            changes.append(f"[scenario.{name}.policy]\n" + "".join(
                f"{'.'.join(map(_quoted, keys))} = {value}\n" for keys, value in policy.items()
            ))  # fmt: skip
        return "\n".join(["\n".join(lines) + "\n", *changes])

    def _policy(self) -> dict[tuple[str, ...], str]:
        """Numbers of the policy by key, as they are written."""
        found = {one.keys: one.slide.value for one in self.moved}
        written = {keys: number(value) for keys, value in found.items()}
        for one in self.more:
            keys = (*BUDGETS.split("."), one.key)
            if not ROW_KINDS[one.rule].capacity:
                written[keys] = (
                    number(found[keys] + one.amount) if keys in found
                    else f"{{ add = {one.amount} }}"
                )  # fmt: skip
        return written


def number(value: float) -> str:
    """Write a number as an address and a file have it: whole ones without a point."""
    return str(int(value)) if value == int(value) else repr(float(value))


def pulled_of(
    query: str | Sequence[tuple[str, str]], policy: Policy, language: Language
) -> PulledLevers:
    """Read what is pulled from an address.

    Parameters
    ----------
    query
        The part after the question mark, or its pairs. A number that is none counts as not given,
        one beyond its range as its end; what is no resource and no opening is left out.
    policy
        What holds in the week.
    """
    pairs = parse_qsl(query) if isinstance(query, str) else query
    given = dict(pairs)
    on = [value for name, value in pairs if name == "on"]
    return PulledLevers(
        levers=tuple(levers_of(given, on, language)),
        settings=tuple(settings_of(policy, given, language)),
        more=tuple(more_of([value for name, value in pairs if name == "more"])),
        new=tuple(new_of([value for name, value in pairs if name == "new"])),
    )


def not_read(query: str | Sequence[tuple[str, str]], pulled: PulledLevers) -> list[str]:
    """Name what an address says that counts for nothing, or not as far as it says.

    A page leaves such things out and shows what is left; whoever cannot see that must be told.

    Parameters
    ----------
    query
        As for :func:`pulled_of`.
    pulled
        What was read of it.
    """
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query
    on = {one.name for one in pulled.on}
    slides = {one.name: one for lever in pulled.levers for one in lever.slides}
    slides |= {one.slide.name: one.slide for one in pulled.settings}
    sums = {(one.rule, one.key): one.amount for one in pulled.more}
    left = []
    for name, value in pairs:
        if name == "on":
            right = value in on
        elif name == "more":
            found = more_of([value])
            right = bool(found) and abs(sums.get((found[0].rule, found[0].key), 0)) < MOST_MORE
        elif name == "new":
            made = new_of([value])
            right = bool(made) and dict(parse_qsl(made[0].name)) == dict(parse_qsl(value))
        elif name in slides:
            slide = slides[name]
            right = not value or _number(value, math.nan) == slide.value
            value = f"{value} ({number(slide.least)}–{number(slide.most)})"
        else:
            right = name in OF_THE_PAGE
        if not right:
            left.append(mask(f"{name}={value}"))
    return left


def levers_of(given: Mapping[str, str], on: Sequence[str], language: Language) -> list[Lever]:
    """Read which ready scenarios are pulled, and how far.

    Parameters
    ----------
    given
        Number by ``scenario.parameter``, as text.
    on
        Names of the scenarios that are pulled.
    """
    ready = library()
    rest = sorted(set(ready.scenarios) - set(FIRST))
    found = []
    for name in (*FIRST, *rest):
        one = ready.scenarios[name]
        slides = []
        for key, parameter in parameters_of(ready, name).items():
            if parameter.from_ is None or parameter.to is None:
                continue
            value = _number(given.get(f"{name}.{key}"), parameter.default)
            value = min(max(value, parameter.from_), parameter.to)
            text, step = parameter.text.of(language), parameter.step or "any"
            slides.append(Slide(f"{name}.{key}", text, value, parameter.from_, parameter.to, step))
        found.append(Lever(name, one.title.of(language), one.explanation.of(language),
                           name in on, tuple(slides)))  # fmt: skip
    return found


def settings_of(policy: Policy, given: Mapping[str, str], language: Language) -> list[Setting]:
    """Numbers of the policy that can be moved: fit floor, weights, ratio, budgets, week and year.

    Each moves in whole steps from what holds, down to none and up to about twice as much.
    """
    content: dict[str, Any] = policy.model_dump(mode="json")
    rows: list[tuple[str, str, int, int, int]] = [
        ("fit", FLOOR, int(content["fit"]["floor"]), 1000, 10)
    ]
    for name, weight in content["fit"]["weights"].items():
        rows.append(("weights", f"{WEIGHTS}.{name}", weight, max(50, 2 * weight), 1))
    if content.get("ratio_rule") is not None:
        for name in RATIOS:
            now = content["ratio_rule"][name]
            rows.append(("ratio", f"{RATIO}.{name}", now, max(10, 2 * now), 1))
    for group, lines in (("budgets", BUDGETS), ("year", YEAR_BUDGETS)):
        for line, dkk in sorted(content["money"][lines.partition(".")[2]].items()):
            rows.append((group, f"{lines}.{line}", dkk, max(2 * dkk, 100_000), 1000))
    found = []
    for group, name, now, most, step in rows:
        least = now % step  # so that the slide can stand at what holds
        if name.endswith("_per"):
            least = 1
        most = least + step * (-(-(most - least) // step))
        value = min(max(_number(given.get(name), now), least), most)
        slide = Slide(name, setting_text(name, language), value, least, most, step)
        found.append(Setting(slide, now, group))
    return found


def setting_text(name: str, language: Language) -> str:
    """Name a number of the policy."""
    prefix, _, last = name.rpartition(".")
    if name.startswith(f"{YEAR_BUDGETS}."):
        line = setting_text(f"{BUDGETS}.{name.removeprefix(f'{YEAR_BUDGETS}.')}", language)
        return Message("web.until_year_ends", line=line).told(language)
    if name.startswith(f"{BUDGETS}."):
        line = name.removeprefix(f"{BUDGETS}.")
        key, other = f"{BUDGET.texts}.{line}", f"{BUDGET.texts}.other"
        told = Message(key) if key in catalogue(language) else Message(other, what=line)
    elif prefix == WEIGHTS:
        told = Message(f"component.{last}")
    else:
        told = Message(f"web.number_{last}")
    text = told.told(language)
    return text[:1].upper() + text[1:]


def more_of(given: Sequence[str]) -> list[More]:
    """Read more, or less, of single resources; what is none of them is left out."""
    found: dict[tuple[str, str], int] = {}
    for one in given:
        rule, _, rest = one.partition(":")
        amount, _, key = rest.partition(":")
        known = rule in ROW_KINDS and ROW_KINDS[rule].lever
        count = whole(amount)
        if known and key and count is not None:
            found[rule, key] = found.get((rule, key), 0) + count
    return [More(rule, key, amount) for (rule, key), amount in found.items() if amount]


def new_of(given: Sequence[str]) -> list[NewOpening]:
    """Read new openings; what is none is left out."""
    found = []
    for one in given:
        said = {name: values[-1] for name, values in parse_qs(one).items()}
        seats, oral = whole(said.get("seats", "")), whole(said.get("oral", ""))
        if said.get("like") and seats is not None and 1 <= seats <= MOST_NEW_SEATS:
            level = oral if oral is not None and 0 <= oral <= LEVELS else None
            found.append(NewOpening(said["like"], seats, level, said.get("shifts", "")))
    return found


def whole(text: str) -> int | None:
    """Read a whole number with its sign; None: it is none, or longer than anybody means."""
    digits = text.strip().removeprefix("-").removeprefix("+")
    right = digits.isascii() and digits.isdecimal() and len(digits) < MOST_DIGITS
    return int(text) if right else None


def _number(text: str | None, otherwise: float) -> float:
    try:
        value = float(text) if text else otherwise
    except ValueError:
        return otherwise
    if value != value or value in (float("inf"), float("-inf")):
        return otherwise
    return int(value) if value == int(value) else value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
