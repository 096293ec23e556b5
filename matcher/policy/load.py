"""From files to the policy of a day: the period that holds, with the user's own file over it."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from matcher.cpr import found_in
from matcher.errors import InternalError, PolicyError
from matcher.policy.accountability import Accountability
from matcher.policy.conditions import Hours225, Measure
from matcher.policy.municipality import (
    AiOrder,
    BenefitRates,
    Contacts,
    MentorGrant,
    NationalCeiling,
)
from matcher.policy.policy import Policy
from matcher.policy.practice import Declared, Letter, Proposing, Unknown, Weights
from matcher.policy.quantities import Section
from matcher.policy.serving import Serve
from matcher.policy.wording import shown, told, unknown
from matcher.records import (
    HEALTH_CODES,
    NONE_WORDS,
    PAPERS,
    TABLES,
    Category,
    Sector,
    careful_fields,
    cell_value,
    protected_fields,
)
from matcher.texts import Message, joined

_MOST_DEPTH = 8
_AS_BEFORE = "as_before"
"""Key of a period of a policy file that changes only what it names of the period before it."""
BUILT_IN = "denmark"
"""Name of the policy that ships with the package."""


def load_policy(
    on: dt.date, override: Path | Mapping[str, Any] | None = None, *, file: Path | None = None
) -> Policy:
    """Read the policy of a day.

    Parameters
    ----------
    on
        The day.
    override
        A user's own TOML file (or its content) that replaces single keys of what holds on the day.
    file
        A whole policy file instead of the built-in one.

    Raises
    ------
    PolicyError
        A file cannot be read, a key is unknown, a value has the wrong type, periods overlap, or
        nothing holds on the day; the message names file and key.
    """
    origin = str(file) if file else f"policies/{BUILT_IN}.toml"
    whole = _parsed(_text(file), origin) if file else _built_in(origin)
    content = _in_force(whole, on, origin)
    spent = _lines_of(whole)
    listed = _budgets(content)
    patch: Mapping[str, Any] = {}
    if override is not None:
        patch, origin = _override(override)
        if (place := found_in(patch)) is not None:
            raise PolicyError(Message("policy.cpr", origin=origin, place=place))
        listed = _budgets(patch) - listed
    policy = _made({**content, "on": on}, patch, origin)
    _raise(origin, _budget_problems(policy, listed, spent))
    own = override if isinstance(override, Path) else file
    return policy if own is None else policy.model_copy(update={"file": own.name})


def measures_of_all_days() -> dict[str, tuple[dict[str, Any], ...]]:
    """Every period of every measure the built-in policy has, whole, by id and in order."""
    origin = f"policies/{BUILT_IN}.toml"
    return {
        name: tuple(_whole_period(f"measures.{name}", one, periods, origin) for one in periods)
        for name, periods in _built_in(origin)["measures"].items()
    }


def override_of(policy: Policy, changes: Mapping[str, Any], origin: str = "override") -> Policy:
    """Return a policy with single keys replaced; what a user's own file does, from Python.

    A budget line that is not listed has no limit here; a file must list it.
    """
    return _made(policy.model_dump(mode="json"), changes, origin)


def policy_read_again(content: Mapping[str, Any]) -> Policy:
    """Read a policy that was stored, maybe by an earlier version.

    Keys that version did not know yet get what this version's own policy says for the day, and
    :attr:`Policy.filled` names them; keys that are gone since are left out. Nothing that was
    stored is changed.

    Raises
    ------
    PolicyError
        A stored value is not what this version expects at its key.
    """
    known = copy.deepcopy(dict(content))
    own: dict[str, Any] | None = None
    filled: list[str] = []
    for _ in range(_MOST_DEPTH):
        try:
            return Policy.model_validate(known).model_copy(update={"filled": tuple(filled)})
        except ValidationError as error:
            issues = error.errors(include_url=False)
        wrong = [issue for issue in issues if issue["type"] not in {"missing", "extra_forbidden"}]
        if wrong:
            break
        if own is None:
            own = load_policy(_day_of(content)).model_dump(mode="json")
        for issue in issues:
            *path, key = issue["loc"]
            if issue["type"] == "extra_forbidden":
                _at(known, path).pop(key, None)
            elif isinstance(there := _at(own, path), dict) and key in there:
                _at(known, path)[key] = there[key]
                filled.append(".".join(map(str, issue["loc"])))
            else:
                wrong.append(issue)
        if wrong:
            break
    raise PolicyError(joined([told(issue) for issue in wrong or issues], "\n"))


def _day_of(content: Mapping[str, Any]) -> dt.date:
    """Return the day of a stored policy.

    Raises
    ------
    PolicyError
        It has none.
    """
    try:
        return dt.date.fromisoformat(str(content.get("on")))
    except ValueError:
        raise PolicyError(Message("policy.no_day", value=repr(content.get("on")))) from None


def _at(content: Any, path: Iterable[str | int]) -> Any:
    """Return what stands at a path; None where the path leads nowhere."""
    for key in path:
        if isinstance(content, dict):
            content = content.get(key)
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            return None
    return content


def _made(content: dict[str, Any], patch: Mapping[str, Any], origin: str) -> Policy:
    """Lay a patch over what holds and check all of it; every problem is told at once."""
    no_225 = content.get("hours_225") is None
    changes: list[str] = list(content.get("overrides", ()))
    problems: list[str] = []
    _lay_over(content, patch, (), changes, problems)
    content["overrides"] = changes
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        issues = error.errors(include_url=False)
        if no_225 and any(
            issue["loc"][0] == "hours_225" and issue["type"] == "missing" for issue in issues
        ):
            problems.append(Message("policy.no_225", day=content["on"]))
            issues = [issue for issue in issues if issue["loc"][0] != "hours_225"]
        # A list is told by its members where these are at fault.
        inner = {issue["loc"][:at] for issue in issues for at in range(len(issue["loc"]))}
        sentences = [told(issue) for issue in issues if issue["loc"] not in inner]
        _raise(origin, [*problems, *dict.fromkeys(sentences)])
        raise InternalError(f"{origin}: {error}") from None
    _raise(origin, [*problems, *_senseless(policy)])
    return policy


def _raise(origin: str, problems: Iterable[str]) -> None:
    """Raise when there are problems, a line each."""
    if found := list(problems):
        lines = [Message("policy.at", origin=origin, problem=problem) for problem in found]
        raise PolicyError(joined(lines, "\n"), found)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(Message("policy.unreadable", file=str(file), reason=str(error))) from None


def _parsed(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise PolicyError(Message("policy.no_toml", origin=origin, reason=str(error))) from None


@cache
def _built_in(origin: str) -> dict[str, Any]:
    """Content of the policy that ships with the package; read once, changed by nobody."""
    file = resources.files("matcher").joinpath("policies", f"{BUILT_IN}.toml")
    return _parsed(file.read_text("utf-8"), origin)


def _override(override: Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if isinstance(override, Path):
        return _parsed(_text(override), str(override)), str(override)
    return override, "override"


def _in_force(content: dict[str, Any], on: dt.date, origin: str) -> dict[str, Any]:
    """Pick from each section the one period that holds on the day."""
    picked: dict[str, Any] = {}
    for key, value in content.items():
        if key == "measures":
            if not isinstance(value, dict):
                raise PolicyError(Message("policy.measure_periods", origin=origin))
            measures = {
                name: _period(f"measures.{name}", periods, on, origin)
                for name, periods in value.items()
            }
            picked[key] = {name: period for name, period in measures.items() if period is not None}
        elif isinstance(value, list) and all(isinstance(period, dict) for period in value):
            period = _period(key, value, on, origin)
            if period is not None:
                picked[key] = period
            elif key in Policy.model_fields and Policy.model_fields[key].is_required():
                raise PolicyError(Message("policy.nothing_holds", origin=origin, day=on, key=key))
        else:
            picked[key] = value
    return picked


def _period(key: str, periods: Any, on: dt.date, origin: str) -> dict[str, Any] | None:
    if not (isinstance(periods, list) and all(isinstance(period, dict) for period in periods)):
        raise PolicyError(Message("policy.periods", origin=origin, key=key))
    holding = []
    for period in periods:
        first, last = period.get("valid_from"), period.get("valid_to")
        if not _is_day(first) or not (last is None or _is_day(last)):
            raise PolicyError(Message("policy.no_dates", origin=origin, key=key))
        if first <= on and (last is None or on <= last):
            holding.append(period)
    if len(holding) > 1:
        raise PolicyError(Message("policy.two_periods", origin=origin, key=key, day=on))
    return _whole_period(key, holding[0], periods, origin) if holding else None


def _whole_period(
    key: str, period: Mapping[str, Any], periods: Iterable[Mapping[str, Any]], origin: str
) -> dict[str, Any]:
    """Give a period that is ``as_before`` what it does not say itself from the one before it."""
    own = {name: value for name, value in period.items() if name != _AS_BEFORE}
    if period.get(_AS_BEFORE, False) is False:
        return own
    eve = period["valid_from"] - dt.timedelta(days=1)
    before = [one for one in periods if one.get("valid_to") == eve]
    if period[_AS_BEFORE] is not True or len(before) != 1:
        raise PolicyError(Message("policy.nothing_before", origin=origin, key=key, day=eve))
    inherited = _whole_period(key, before[0], periods, origin)
    inherited.pop("valid_to")
    return {**inherited, **own}


def _is_day(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


_MOST_CLOSED = 40
"""With the public holidays fewer days than a year has Mondays: a job of one weekday has a day."""
_FREE_KEYS = {
    ("money", "budgets"),
    ("money", "year_budgets"),
    ("money", "new_year_budgets"),
    ("money", "year_quotas"),
    ("money", "new_year_quotas"),
    ("forbid_reasons", "codes"),
    ("papers", "days_when_missing"),
    ("papers", "days_when_pending"),
    ("money", "lines"),
    ("serve", "caseworkers"),
    ("accountability", "acts"),
}


def _lay_over(
    content: dict[str, Any],
    patch: Mapping[str, Any],
    path: tuple[str, ...],
    changes: list[str],
    problems: list[str],
) -> None:
    """Replace the keys of ``content`` that ``patch`` names; note each change and unknown key."""
    known = _known_keys(path)
    for key, value in patch.items():
        here = (*path, key)
        if known is not None and path:
            known |= set(content)
        if known is not None and key not in known and not _new_measure(here, value):
            problems.append(unknown(here, known))
            continue
        old = content.get(key)
        if isinstance(old, dict) and isinstance(value, Mapping):
            branch = dict(old)
            _lay_over(branch, value, here, changes, problems)
            content[key] = branch
        else:
            content[key] = value
            if old != value:
                changes.append(f"{'.'.join(here)}: {shown(old)} -> {shown(value)}")


def _new_measure(path: tuple[str, ...], value: Any) -> bool:
    """Whether a file adds a measure of its own: a name that is not known, with names for people."""
    named = isinstance(value, Mapping) and {"english", "danish"} <= set(value)
    return len(path) == 2 and path[0] == "measures" and named


def _known_keys(path: tuple[str, ...]) -> set[str] | None:
    """Keys that may stand at a path; None where any key may."""
    if path in _FREE_KEYS or (len(path) == 3 and path[:2] == ("forbid_reasons", "codes")):
        return None
    if not path:
        return {
            name
            for name in Policy.model_fields
            if name not in {"on", "overrides", "file", "filled"}
        }
    if path == ("measures",):
        return set()
    if path == ("fit", "weights"):
        return set(Weights.model_fields)
    if len(path) == 2 and path[0] == "measures":
        return set(Measure.model_fields)
    if len(path) == 3 and path[0] == "measures":
        return {str(code) for code in (*Category, *Sector)}
    sections: dict[str, type[BaseModel]] = {
        name: info.annotation
        for name, info in Policy.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section)
    }
    sections |= {
        "ai_order": AiOrder,
        "benefit_rates": BenefitRates,
        "contacts": Contacts,
        "hours_225": Hours225,
        "letter": Letter,
        "mapping": Proposing,
        "mentor_grant": MentorGrant,
        "national_ceiling": NationalCeiling,
        "serve": Serve,
        "accountability": Accountability,
        "unknown": Unknown,
    }
    if path == ("declared",):
        return set(Declared.model_fields)
    if len(path) == 2 and path[0] in {"unknown", "declared"} and path[1] in TABLES:
        record = TABLES[path[1]].record
        return set(careful_fields(record) if path[0] == "unknown" else protected_fields(record))
    return set(sections[path[0]].model_fields) if len(path) == 1 and path[0] in sections else set()


def _senseless(policy: Policy) -> Iterator[str]:
    """Tell of keys that point at nothing, and of values that cannot hold together."""
    papers = {
        *policy.papers.days_when_missing,
        *policy.papers.days_when_pending,
        *policy.papers.course_papers,
        *policy.unlocking.papers,
    }
    if unknown := papers - set(PAPERS):
        yield (Message("policy.papers", codes=tuple(sorted(unknown)), known=tuple(PAPERS)))
    if not any(value for name, value in policy.fit.weights if name != "hours_225"):
        yield Message("policy.weights")
    kept = policy.retention
    weeks = (kept.input_weeks, kept.person_weeks, kept.run_weeks)
    if list(weeks) != sorted(weeks) or kept.folder_weeks > kept.run_weeks:
        yield (
            Message(
                "policy.retention",
                input=weeks[0],
                person=weeks[1],
                run=weeks[2],
                folder=kept.folder_weeks,
            )
        )
    if not policy.workdays.without_shifts:
        yield Message("policy.no_weekday")
    if (count := len(set(policy.workdays.closed_also))) > _MOST_CLOSED:
        yield Message("policy.closed", most=_MOST_CLOSED, found=count)
    if policy.travel.zero_points_minutes <= policy.travel.full_points_minutes:
        yield Message("policy.travel")
    yield from _wrong_cells(policy)
    known = {*policy.measures, *measures_of_all_days()}
    if strange := sorted({*policy.declines.several.measures} - known):
        yield Message("policy.several", names=tuple(strange), known=tuple(sorted(known)))
    for key in ("year_quotas", "new_year_quotas"):
        if strange := sorted({*getattr(policy.money, key)} - known):
            names = tuple(strange)
            yield Message("policy.quota", key=key, names=names, known=tuple(sorted(known)))
    if "other" not in policy.forbid_reasons.codes:
        yield Message("policy.other")
    sections = {name: value for name, value in policy if isinstance(value, Section)}
    for name, measure in policy.measures.items():
        sections[f"measures.{name}"] = measure
        if None not in (measure.age_min, measure.age_max) and measure.age_min > measure.age_max:  # type: ignore[operator]
            yield Message("policy.ages", name=name)
    for name, section in sections.items():
        if section.valid_from > policy.on:
            yield (Message("policy.from", name=name, first=section.valid_from, day=policy.on))
        if section.valid_to is not None and section.valid_to < policy.on:
            yield (Message("policy.to", name=name, last=section.valid_to, day=policy.on))


def _wrong_cells(policy: Policy) -> Iterator[str]:
    """Tell of values for unknown cells and declared columns that the columns cannot hold."""
    for part, given in (("unknown", policy.unknown), ("declared", policy.declared)):
        for table in ("citizens", "openings", "teams"):
            values = getattr(given, table, {})
            record = TABLES[table].record
            careful, every = careful_fields(record), protected_fields(record)
            for name, value in values.items():
                path = f"{part}.{table}.{name}"
                if name not in (careful if part == "unknown" else every):
                    yield Message("policy.no_column", path=path, known=tuple(every))
                    continue
                try:
                    cell_value(record, name, value)
                except ValueError as error:
                    yield Message(
                        "policy.value", path=path, value=shown(value), reason=error.args[0]
                    )
                else:
                    if name == "must_limits" and not _codes(value) <= set(HEALTH_CODES):
                        yield Message(
                            "policy.health",
                            path=path,
                            value=shown(value),
                            known=tuple(HEALTH_CODES),
                        )
            if part == "unknown" and given is not None:
                yield from (Message("policy.unknown_missing", table=table, name=name)
                            for name in careful if name not in values)  # fmt: skip


def _codes(value: Any) -> set[str]:
    """Words of a value for a list of codes."""
    text = ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return {part for part in text.replace(",", ";").split(";") if part} - set(NONE_WORDS)


def _budget_problems(policy: Policy, listed: set[str], spent: set[str]) -> Iterator[str]:
    """Tell of lines that are paid from but not listed, and of lines listed that pay for nothing."""
    money = policy.money
    users = {f"money.lines.{support}": line for support, line in money.lines.items()}
    users |= {
        f"measures.{name}.budget": measure.budget
        for name, measure in policy.measures.items()
        if measure.budget is not None
    }
    of_years = {
        f"money.{key}.{line}": line
        for key in ("year_budgets", "new_year_budgets")
        for line in getattr(money, key)
    }
    for key, line in {**users, **of_years}.items():
        if line not in money.budgets:
            yield Message(
                "policy.line",
                key=key,
                value=shown(line),
                lines=tuple(money.budgets) or (Message("policy.none"),),
            )
    used = {*users.values(), *spent}
    for line in sorted(listed - used):
        yield (Message("policy.pays_nothing", line=line, used=tuple(sorted(used))))


def _budgets(content: Mapping[str, Any]) -> set[str]:
    """Names of the budget lines that some content lists."""
    money = content.get("money")
    budgets = money.get("budgets") if isinstance(money, Mapping) else None
    return set(budgets) if isinstance(budgets, Mapping) else set()


def _lines_of(whole: Mapping[str, Any]) -> set[str]:
    """Names of the lines that the measures of a whole file are paid from, whatever the day."""
    return {
        period["budget"]
        for periods in dict(whole.get("measures", {})).values()
        for period in periods
        if isinstance(period.get("budget"), str)
    }
