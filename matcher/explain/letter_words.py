"""The words of a letter in one language: a part of its catalogue, or a file that is given.

The part is ``letters``. A given file is held against the Danish one before a letter is written:
the same keys, the same facts in each sentence.
"""

from __future__ import annotations

import datetime as dt
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.rules import NEVER, UNKNOWN, UNKNOWN_YEARS, Unit
from matcher.texts import ENGLISH, Message, content, fill, joined

PATTERN = "da"
"""The language that another is held against."""
LAWS = ("da", "en")
"""Languages in which the policy names the law."""
_OTHER = "other"
"""What a kind of placement is told as that the file does not know."""
_ONE = "_one"
_LISTS = {"weekdays": 7, "months": 12}


class LetterWords:
    """Tells facts about a week to one of its citizens.

    Parameters
    ----------
    problem
        The week, for its day and for the names of things.
    language
        One of :data:`matcher.texts.LANGUAGES`; not looked at where a file is given.
    file
        A file of another language.
    contact
        Whom the citizen is to call, as a text. Empty: the policy's, or else the caseworker.

    Raises
    ------
    OptionError
        The file cannot be read, lacks a text, or has one that does not fit; all of it is named.
    """

    def __init__(
        self, problem: Problem, language: str, file: Path | None = None, contact: str = ""
    ) -> None:
        self.problem, self.policy = problem, problem.policy
        self._texts = _own(language) if file is None else _given(file)
        self.language = str(self._texts["language"])
        policys = self.policy.letter.contact if self.policy.letter else ""
        self.contact = contact or policys or self("letter.caseworker")

    def __call__(self, key: str, count: int | None = None, /, **values: object) -> str:
        """Write a text; ``count`` picks the form for one and fills ``{count}``."""
        section, _, name = key.partition(".")
        entry = self._texts[section]
        if count is not None:
            values["count"] = self._number(count)
            name = f"{name}{_ONE}" if count == 1 and f"{name}{_ONE}" in entry else name
        return fill(str(entry[name]), values)

    def _number(self, value: float) -> str:
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", self("format.decimal"))

    def _unit(self, unit: str, value: float) -> str:
        name = f"{unit}{_ONE}" if value == 1 and f"{unit}{_ONE}" in self._texts["unit"] else unit
        return str(self._texts["unit"][name]).format(count=self._number(value))

    def hours(self, minutes: float) -> str:
        """Say minutes as hours."""
        return self._unit("hours", minutes / 60)

    def minutes(self, minutes: int) -> str:
        """Say minutes."""
        return self._unit("minutes", minutes)

    def months(self, months: int) -> str:
        """Say months."""
        return self._unit("months", months)

    def weeks(self, weeks: float) -> str:
        """Say weeks."""
        return self._unit("weeks", weeks)

    def years(self, years: float) -> str:
        """Say years."""
        return self._unit("years", years)

    def level(self, level: int) -> str:
        """Name a level of Danish."""
        return self(f"level.{level}")

    def day(self, day: dt.date) -> str:
        """Write a day, the month by its name."""
        return self("format.day", **self._parts_of(day))

    def weekday(self, day: dt.date) -> str:
        """Write a day with its weekday."""
        return self("format.weekday", **self._parts_of(day))

    def _parts_of(self, day: dt.date) -> dict[str, object]:
        names = self._texts["format"]
        return {
            "weekday": names["weekdays"][day.weekday()],
            "day": day.day,
            "month": names["months"][day.month - 1],
            "year": day.year,
        }

    def value(self, value: int, unit: Unit) -> str:
        """Say one of the two values that a rule compares."""
        if value == UNKNOWN or (unit == "years" and value >= UNKNOWN_YEARS):
            return self("format.unknown")
        if unit == "date":
            return (
                self("format.unknown") if value >= NEVER else self.day(dt.date.fromordinal(value))
            )
        if unit == "clock":
            return self("format.clock", hour=value // 60, minute=f"{value % 60:02d}")
        if unit == "level":
            return self.level(value)
        if unit == "hours":
            return self.hours(value)
        if unit in {"minutes", "months", "weeks", "years"}:
            return self._unit(unit, value)
        return str(value)

    def names(self, section: str, codes: Iterable[str]) -> str:
        """Name codes of a section, one after the other."""
        return self.joined([self(f"{section}.{code}") for code in codes])

    def joined(self, texts: Sequence[str], last: str = "and") -> str:
        """Put texts one after the other, the last after ``and`` or ``or``."""
        texts = list(dict.fromkeys(texts))
        *before, end = texts
        if not before:
            return end
        return f"{self('format.comma').join(before)}{self(f'format.{last}')}{end}"

    def occupation(self, code: str) -> str | None:
        """Name the field of an occupation; None where the file has no name for it."""
        names = self._texts["occupation"]
        return next(
            (str(names[code[:at]]) for at in range(len(code), 0, -1) if code[:at] in names), None
        )

    def opening(self, opening_id: str) -> str:
        """Name an opening by what it is and where, by its id only where it has no name at all."""
        opening = self.problem.records("openings", [opening_id])[opening_id]
        place = self.problem.records("workplaces", [opening.workplace_id])[opening.workplace_id]
        title = opening.title
        if not title:
            field = self.occupation(opening.isco)
            title = f"{field[:1].upper()}{field[1:]}" if field else opening_id
        return self("format.opening", title=title, place=place.name) if place.name else title

    def measure(self, name: str, *, part_time: bool) -> Mapping[str, str]:
        """Say what a kind of placement is called, its form and what it means for pay and benefit.

        Parameters
        ----------
        name
            Id of the measure.
        part_time
            Whether the hours are too few to live on.
        """
        on = self.problem.today
        period = _holding(self._texts["measures"].get(name, ()), on) or _holding(
            self._texts["measures"][_OTHER], on
        )
        if period is None:
            raise OptionError(
                Message("letter.no_period", language=self.language, other=_OTHER, day=on)
            )
        ends = "_part" if part_time else ""
        return {
            "noun": period["noun"],
            **{key: period.get(f"{key}{ends}", period[key]) for key in ("form", "pay")},
        }

    def noun(self, name: str) -> Mapping[str, str]:
        """Say what a place is called: ``it``, ``It`` at the start of a sentence, ``new``."""
        forms: Mapping[str, str] = self._texts["noun"][name]
        return forms

    def law(self, danish: str, english: str) -> str:
        """Return the law's name in the language that the file asks for."""
        return {"da": danish, "en": english}[self._texts["law"]]


def _own(language: str) -> Mapping[str, Any]:
    own: Mapping[str, Any] = content(language).get("letters") or content(ENGLISH)["letters"]
    return own


def _given(file: Path) -> Mapping[str, Any]:
    try:
        whole = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(Message("letter.unreadable", file=str(file), reason=str(error))) from None
    except ValueError as error:
        raise OptionError(Message("letter.no_toml", file=str(file), reason=str(error))) from None
    texts: Mapping[str, Any] = whole.get("letters", whole)
    if problems := list(faults(texts)):
        said = Message("letter.not_yet", file=str(file))
        hint = Message("letter.try", pattern=PATTERN)
        raise OptionError(joined([said, *(joined((" ", one)) for one in problems), hint], "\n"))
    return texts


def faults(texts: Mapping[str, Any]) -> Iterator[Message]:
    """Hold a language against the Danish one: what is missing, unknown or does not fit."""
    pattern = _own(PATTERN)
    yield from (Message("letter.unknown", name=name) for name in texts if name not in pattern)
    for name, wanted in pattern.items():
        if name not in texts:
            yield Message("letter.missing", name=name)
        elif isinstance(wanted, str):
            if not (isinstance(texts[name], str) and texts[name]):
                yield Message("letter.expected_text", name=name)
            elif name == "law" and texts[name] not in LAWS:
                yield Message("letter.law", value=repr(texts[name]), known=LAWS)
        elif not isinstance(texts[name], Mapping):
            yield Message("letter.expected_table", name=name)
        elif name == "measures":
            yield from _measure_faults(texts[name], wanted, pattern["noun"])
        else:
            yield from _section_faults(name, texts[name], wanted)


def _section_faults(
    section: str, given: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Message]:
    for key, text in given.items():
        if key.removesuffix(_ONE) not in wanted:
            yield Message("letter.key_unknown", section=section, key=key)
            continue
        like = wanted.get(key, wanted[key.removesuffix(_ONE)])
        yield from _fault(f"{section}.{key}", text, like)
    yield from (
        Message("letter.key_missing", section=section, key=key)
        for key in wanted
        if key not in given and not key.endswith(_ONE)
    )


def _fault(where: str, given: object, wanted: object) -> Iterator[Message]:
    if isinstance(wanted, list):
        count = _LISTS[where.rpartition(".")[2]]
        if not (isinstance(given, list) and len(given) == count):
            yield Message("letter.expected_list", name=where, count=count)
    elif isinstance(wanted, Mapping):
        if not isinstance(given, Mapping) or set(given) != set(wanted):
            yield Message("letter.expected_keys", name=where, keys=tuple(wanted))
    elif not isinstance(given, str) or not given:
        yield Message("letter.expected_text", name=where)
    else:
        try:
            strange = _holes(given) - _holes(str(wanted))
        except ValueError as error:
            yield Message("letter.braces", name=where, reason=str(error))
        else:
            yield from (
                Message("letter.hole_unknown", name=where, hole=name) for name in sorted(strange)
            )
            if where.rpartition(".")[2].endswith(_ONE):
                return
            lost = _holes(str(wanted)) - _holes(given) - {"it", "It", "new"}
            yield from (
                Message("letter.hole_missing", name=where, hole=name) for name in sorted(lost)
            )


def _measure_faults(
    given: Mapping[str, Any], wanted: Mapping[str, Any], nouns: Mapping[str, Any]
) -> Iterator[Message]:
    yield from (
        Message("letter.measure_missing", name=name) for name in wanted if name not in given
    )
    fits = {"form": {"hours", "start", "measure"}, "pay": set[str]()}
    for name, periods in given.items():
        where = f"measures.{name}"
        if not isinstance(periods, list) or not all(isinstance(one, Mapping) for one in periods):
            yield Message("letter.periods", name=where)
            continue
        for period in periods:
            for key in ("source", "noun", "form", "pay"):
                if not (isinstance(period.get(key), str) and period[key]):
                    yield Message("letter.expected_text_at", name=where, key=key)
            if period.get("noun") not in nouns:
                yield Message("letter.noun", name=where, known=tuple(nouns))
            if not isinstance(period.get("valid_from"), dt.date):
                yield Message("letter.valid_from", name=where)
            for key, holes in fits.items():
                for form in (key, f"{key}_part"):
                    if isinstance(text := period.get(form), str):
                        strange = sorted(_holes(text) - holes)
                        yield from (
                            Message("letter.hole_unknown_at", name=where, form=form, hole=one)
                            for one in strange
                        )


def _holes(template: str) -> set[str]:
    """Names of the facts in a text.

    Raises
    ------
    ValueError
        Braces do not match.
    """
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _holding(periods: Iterable[Mapping[str, Any]], on: dt.date) -> Mapping[str, Any] | None:
    return next(
        (
            one
            for one in periods
            if one["valid_from"] <= on and one.get("valid_to", dt.date.max) >= on
        ),
        None,
    )
