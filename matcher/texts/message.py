"""Messages: a key of the catalogue and its facts, told in a language only at the edge."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Self

from matcher.texts.catalogue import ENGLISH, LANGUAGES, ONE, Language, catalogue
from matcher.texts.figures import Figures


def keys_of(template: str) -> set[str]:
    """Names of the facts that a template uses."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


PROPER = ("Danish",)
"""Words that English begins with a capital wherever they stand."""


def inside(name: str) -> str:
    """Begin a name as it begins inside a sentence; what is all capitals stays."""
    if name[1:2].isupper() or name.startswith(PROPER):
        return name
    return f"{name[:1].lower()}{name[1:]}"


class _Template(string.Formatter):
    """Fills a template; facts are written in the language.

    A fact is a message, a date, a list (``{names}``: a, b; ``{names:q}``: 'a', 'b';
    ``{names:or}``: a or b; ``{names:qor}``: both), a number (``{count:n}``: 1,550; ``{share:d1}``:
    at most one decimal; ``{share:f1}``: exactly one; ``{share:g}``: as short as it can be) or a
    text (``{name:c}``: with a capital; ``{name:i}``: as inside a sentence), which is written as it
    is.
    """

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._figures = Figures(language)

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, (list, tuple)):
            return self._listed(value, format_spec)
        if format_spec == "n":
            return self._figures.whole(value)
        if format_spec[:1] in {"d", "f"} and format_spec[1:].isdecimal():
            write = self._figures.decimal if format_spec[0] == "d" else self._figures.fixed
            return write(value, int(format_spec[1:]))
        if format_spec == "c":
            text = tell(value, self._language)
            return f"{text[:1].upper()}{text[1:]}"
        if format_spec == "i":
            return inside(tell(value, self._language))
        if format_spec == "g":
            return self._figures.marked(f"{value:g}")
        if isinstance(value, dt.datetime):
            return self._figures.moment(value)
        if isinstance(value, dt.date):
            return self._figures.date(value)
        if isinstance(value, float):
            return self._figures.marked(str(int(value)) if value.is_integer() else str(value))
        return str(super().format_field(tell(value, self._language), format_spec))

    def _listed(self, values: Sequence[Any], how: str) -> str:
        texts = [self.format_field(value, "") for value in values]
        if how.startswith("q"):
            texts, how = [f"'{text}'" for text in texts], how[1:]
        if how in {"or", "and"} and len(texts) > 1:
            last = catalogue(self._language)[f"list.{how}"]
            return last.format(first=", ".join(texts[:-1]), last=texts[-1])
        return ", ".join(texts)


@cache
def _template(language: Language) -> _Template:
    return _Template(language)


class Message(str):
    """A text of the catalogue with its facts; as a text, what it says in English.

    Parameters
    ----------
    key
        ``section.key``. Where a fact ``count`` is 1 and there is a form for one, that is used.
    facts
        Values for the template: numbers, dates, texts, lists of them, other messages.
    """

    key: str
    facts: Mapping[str, Any]

    def __new__(cls, key: str, /, **facts: Any) -> Self:
        """Write the message in English."""
        made = str.__new__(cls, _written(key, facts, ENGLISH))
        made.key, made.facts = key, facts
        return made

    def told(self, language: Language) -> str:
        """Return what it says in a language."""
        return str(self) if language == ENGLISH else _written(self.key, self.facts, language)

    def mapped(self, change: Callable[[str], str]) -> Message:
        """Return the message with each text among its facts changed, as when it is masked."""
        return Message(
            self.key, **{name: _mapped(fact, change) for name, fact in self.facts.items()}
        )

    def __str__(self) -> str:
        """Return it in English, as a plain text."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be sent to another process."""
        return _made, (type(self), self.key, dict(self.facts))


def _made(kind: type[Message], key: str, facts: dict[str, Any]) -> Message:
    return kind(key, **facts)


class Both(Message):
    """A text that stands in its languages where it is defined, as the name of a measure."""

    def __new__(cls, english: str, danish: str = "", /, **texts: str) -> Self:
        """Keep all; what a language lacks is told in English."""
        made = str.__new__(cls, english)
        made.key, made.facts = english, texts or ({"da": danish} if danish else {})
        return made

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Both:
        """Take a text in several languages, by language."""
        return cls(texts[ENGLISH], **{name: texts[name] for name in texts if name != ENGLISH})

    @classmethod
    def each(cls, say: Callable[[Language], str]) -> Both:
        """Let something be said in every language there is."""
        return cls.of({language: say(language) for language in LANGUAGES})

    def told(self, language: Language) -> str:
        """Return the text of a language."""
        return str(self.facts.get(language) or self.key)

    def mapped(self, change: Callable[[str], str]) -> Both:
        """Return it with every text changed."""
        return Both(change(self.key), **{name: change(text) for name, text in self.facts.items()})


class _Joined(Message):
    """Messages and texts one after the other."""

    def __new__(cls, key: str, /, **facts: Any) -> Self:
        """Put the parts together."""
        made = str.__new__(cls, key.join(str(part) for part in facts["parts"]))
        made.key, made.facts = key, facts
        return made

    def told(self, language: Language) -> str:
        """Tell each part."""
        return self.key.join(tell(part, language) for part in self.facts["parts"])

    def mapped(self, change: Callable[[str], str]) -> Message:
        """Change each part."""
        return _Joined(self.key, parts=_mapped(self.facts["parts"], change))


def joined(parts: Sequence[str], between: str = " ") -> str:
    """Put texts and messages one after the other; empty ones are left out."""
    some = tuple(part for part in parts if part)
    return some[0] if len(some) == 1 else _Joined(between, parts=some)


def first_line(text: str) -> str:
    """Return the first line of a text, or of the message that stands first in it."""
    if isinstance(text, _Joined):
        return first_line(text.facts["parts"][0]) if "\n" in text.key else text
    if isinstance(text, Message):
        return text
    return text.partition("\n")[0]


def as_data(text: Any) -> Any:
    """Return a text as plain JSON values, a message with its facts; :func:`from_data` reads it."""
    if isinstance(text, Message):
        facts = {name: as_data(fact) for name, fact in text.facts.items()}
        return {"text": type(text).__name__, "key": text.key, "facts": facts}
    if isinstance(text, dt.datetime | dt.date):
        return {"text": type(text).__name__, "iso": text.isoformat()}
    if isinstance(text, (list, tuple)):
        return [as_data(part) for part in text]
    return text.item() if hasattr(text, "item") else text


def from_data(data: Any) -> Any:
    """Read what :func:`as_data` gave.

    Raises
    ------
    ValueError
        A key that this version's catalogue does not have.
    """
    if isinstance(data, list):
        return tuple(map(from_data, data))
    if not isinstance(data, Mapping):
        return data
    if "iso" in data:
        kind = dt.datetime if data["text"] == "datetime" else dt.date
        return kind.fromisoformat(data["iso"])
    made = {one.__name__: one for one in (Message, Both, _Joined)}[data["text"]]
    facts = {name: from_data(fact) for name, fact in data["facts"].items()}
    if made is Message and data["key"] not in catalogue(ENGLISH):
        unknown = f"no text {data['key']} in the catalogue"
        raise ValueError(unknown)
    return made(data["key"], **facts)


def tell(text: Any, language: Language) -> str:
    """Return what a message says in a language; any other text as it is."""
    return text.told(language) if isinstance(text, Message) else str(text)


def _written(key: str, facts: Mapping[str, Any], language: Language) -> str:
    return write(key, facts, language, one=facts.get("count") == 1)


def write(key: str, facts: Mapping[str, Any], language: Language, *, one: bool = False) -> str:
    """Fill a text of a language's catalogue with facts, as :class:`Message` does.

    Parameters
    ----------
    one
        Whether to take the form for one, where there is one.
    """
    texts = catalogue(language)
    template = texts[key]
    if one:
        template = texts.get(f"{key}{ONE}", template)
    return fill(template, facts, language)


def fill(template: str, facts: Mapping[str, Any], language: Language = ENGLISH) -> str:
    """Fill a template, from a catalogue or from elsewhere, with facts."""
    # Pages have thousands of cells: what has no form of ours is filled by the built-in formatter.
    if _is_plain(template) and all(
        type(fact) is str or type(fact) is int for fact in facts.values()
    ):
        return template.format(**facts)
    return _template(language).format(template, **facts)


@cache
def _is_plain(template: str) -> bool:
    return not any(spec for _, _, spec, _ in string.Formatter().parse(template))


def _mapped(fact: Any, change: Callable[[str], str]) -> Any:
    if isinstance(fact, Message):
        return fact.mapped(change)
    if isinstance(fact, (list, tuple)):
        return tuple(_mapped(part, change) for part in fact)
    return change(fact) if isinstance(fact, str) else fact
