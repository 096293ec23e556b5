"""What-if files: read as a whole, every fault told at once, scenarios made of other scenarios."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from matcher.cpr import found_in, looks_like_cpr
from matcher.errors import OptionError
from matcher.texts import Message, said_of
from scenarios.patch.columns import known
from scenarios.patch.faults import FilePlace, ScenarioFault, WhatIfError, raise_if
from scenarios.patch.lines import Lines
from scenarios.patch.policy import read_policy
from scenarios.patch.ranges import points, values_of
from scenarios.patch.scenario import FileSection, Scenario, ScenarioPart
from scenarios.patch.spec import (
    BothTexts,
    ChangeDefinition,
    Definition,
    File,
    Law,
    Parameter,
    RowsDefinition,
    SweepDefinition,
)
from scenarios.patch.tables import read_change

_REFERENCE = re.compile(r"\$(\w+)(?:\s*\*\s*(-?\d+(?:\.\d+)?))?")
"""A parameter, perhaps times a number."""
_PLAIN_WORDS = {
    "missing": Message("patch.missing"),
    "too_short": Message("patch.too_few"),
    "too_long": Message("patch.too_many"),
}


@dataclass(frozen=True, eq=False)
class _Entry:
    """A scenario as it is written, and where."""

    definition: Definition
    written: FileSection


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep as it is written, with its points worked out."""

    name: str
    title: BothTexts
    question: BothTexts
    kind: str
    """``grid``, ``one_at_a_time`` or ``sample``."""
    parameters: Mapping[str, tuple[float, ...]]
    """Values by ``scenario.parameter``; for samples: least and most."""
    scenarios: tuple[Scenario, ...]
    """One scenario for each point."""


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The scenarios and sweeps of a file."""

    name: str
    """Name of the file without its ending."""
    scenarios: Mapping[str, Scenario]
    """Those that are written in the file, with the usual values of their parameters."""
    sweeps: Mapping[str, Sweep]
    _entries: Mapping[str, _Entry] = field(default_factory=dict, repr=False)

    def all_scenarios(self) -> tuple[Scenario, ...]:
        """Return every scenario, then every point of every sweep."""
        swept = (one for sweep in self.sweeps.values() for one in sweep.scenarios)
        return tuple(itertools.chain(self.scenarios.values(), swept))

    def scenario(self, name: str, **settings: float) -> Scenario:
        """Return a scenario with other values of its parameters.

        Raises
        ------
        WhatIfError
            The value makes no sense, or there is no such parameter.
        OptionError
            There is no such scenario.
        """
        if name not in self._entries:
            raise OptionError(
                Message("patch.no_scenario", name=name, known=known(self._entries, name))
            )
        faults: list[ScenarioFault] = []
        made = _Maker(self._entries, faults).scenario(name, settings)
        raise_if(faults)
        return made


def read_what_if(file: Path | str) -> WhatIf:
    """Read a what-if file.

    Parameters
    ----------
    file
        A TOML file. Scenarios of the library can be used in it by name.

    Raises
    ------
    WhatIfError
        Something in it cannot be; carries every fault with its line.
    OptionError
        The file cannot be read.
    """
    path = Path(file)
    if looks_like_cpr(path.name):  # it would be the name of what is written
        raise OptionError(Message("patch.cpr_name", file=str(file)))
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else Message("patch.no_utf8")
        raise OptionError(Message("patch.unreadable", file=str(file), reason=reason)) from None
    return read_text(text, str(file))


def read_text(text: str, file: str = "what-if", *, alone: bool = False) -> WhatIf:
    """Read the text of a what-if file; ``file`` is its name in messages.

    ``alone``: the library is not looked at, as when it is read itself.
    """
    faults: list[ScenarioFault] = []
    entries, content, written = _parsed(text, file, faults)
    raise_if(faults)
    others = {} if alone else dict(_library_entries())
    for name in sorted(set(others) & set(entries)):
        place = entries[name].written.place()
        faults.append(ScenarioFault(place, Message("patch.in_library")))
    maker = _Maker({**others, **entries}, faults)
    scenarios = {name: maker.scenario(name, {}) for name in entries}
    sweeps = {
        name: maker.sweep(name, sweep, written.below("sweep", name))
        for name, sweep in content.sweep.items()
    }
    raise_if(faults)
    if not scenarios and not sweeps:
        raise WhatIfError((ScenarioFault(FilePlace(file, 1), Message("patch.holds_none")),))
    return WhatIf(Path(file).stem, scenarios, sweeps, {**others, **entries})


@cache
def library() -> WhatIf:
    """Return the ready scenarios that come with the program, by name."""
    entries = _library_entries()
    faults: list[ScenarioFault] = []
    maker = _Maker(entries, faults)
    scenarios = {name: maker.scenario(name, {}) for name in entries}
    raise_if(faults)
    return WhatIf("library", scenarios, {}, entries)


@cache
def _library_entries() -> Mapping[str, _Entry]:
    entries: dict[str, _Entry] = {}
    faults: list[ScenarioFault] = []
    folder = resources.files("scenarios").joinpath("library")
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.name.endswith(".toml"):
            entries.update(_parsed(item.read_text("utf-8"), f"library/{item.name}", faults)[0])
    raise_if(faults)
    return entries


def parameters_of(what_if: WhatIf, name: str) -> Mapping[str, Any]:
    """Return the parameters of a scenario as they are written, by name."""
    return what_if._entries[name].definition.parameters  # noqa: SLF001 - of this module


def _parsed(
    text: str, file: str, faults: list[ScenarioFault]
) -> tuple[dict[str, _Entry], File, FileSection]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = str(error).rpartition("line ")[2].split(",")[0]
        number = int(line) if line.isdigit() else 1
        raise WhatIfError(
            (ScenarioFault(FilePlace(file, number), Message("patch.no_toml", reason=str(error))),)
        ) from None
    if (path := found_in(raw)) is not None:
        lines = enumerate(text.splitlines(), start=1)
        at = next((number for number, line in lines if looks_like_cpr(line)), 1)
        told = Message("patch.cpr", path=path)
        raise WhatIfError((ScenarioFault(FilePlace(file, at), told),))
    written = FileSection(file, Lines(text), ())
    try:
        content = File.model_validate(raw)
    except ValidationError as error:
        seen = dict.fromkeys(_fault(issue, written) for issue in error.errors(include_url=False))
        faults += seen
        return {}, File(), written
    entries = {
        name: _Entry(definition, FileSection(file, written.lines, ("scenario", name), name))
        for name, definition in content.scenario.items()
    }
    return entries, content, written


def _fault(issue: Mapping[str, Any], written: FileSection) -> ScenarioFault:
    """Say a fault of form in plain words."""
    # Branches of a choice of types appear in the place; no key has such a name.
    loc = tuple(
        part for part in issue["loc"]
        if isinstance(part, int) or not (part in {"int", "float", "str"} or "[" in part)
    )  # fmt: skip
    place = written.place(loc)
    name = str(loc[1]) if len(loc) > 1 else ""
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in loc[2:]) or (
        ".".join(map(str, loc))
    )
    if issue["type"] == "extra_forbidden":
        text = Message("patch.no_key", key=key, known=known(_keys_at(loc[:-1]), str(loc[-1])))
    elif issue["type"] in _PLAIN_WORDS:
        text = Message("patch.said", key=key, said=_PLAIN_WORDS[issue["type"]])
    else:
        text = Message("patch.key_value", key=key, value=repr(issue["input"]), said=said_of(issue))
    return ScenarioFault(FilePlace(place.file, place.line, name), text)


def _keys_at(loc: tuple[str | int, ...]) -> Iterable[str]:
    """Keys that may stand at a place of a file."""
    model: type[BaseModel] = File
    for part in loc:
        nested: Any = {
            "scenario": Definition, "sweep": SweepDefinition, "change": ChangeDefinition,
            "each": RowsDefinition, "law": Law, "title": BothTexts, "question": BothTexts,
            "explanation": BothTexts, "text": BothTexts,
        }.get(str(part))  # fmt: skip
        model = nested or model
    return [info.alias or name for name, info in model.model_fields.items()]


class _Maker:
    """Makes scenarios of definitions, with those they use and with values for their parameters."""

    def __init__(self, entries: Mapping[str, _Entry], faults: list[ScenarioFault]) -> None:
        self._entries = entries
        self._faults = faults

    def scenario(self, name: str, settings: Mapping[str, float]) -> Scenario:
        """Make a scenario."""
        entry = self._entries[name]
        definition = entry.definition
        parts, used = self._parts(name, settings, entry.written.place(), ())
        if definition.only_adds:
            self._check_adding(entry, parts)
        return Scenario(
            name=name,
            title=definition.title,
            question=definition.question,
            explanation=definition.explanation,
            source=definition.source,
            only_adds=definition.only_adds,
            parts=parts,
            settings=used,
        )

    def _check_adding(self, entry: _Entry, parts: Iterable[ScenarioPart]) -> None:
        """Refuse ``only_adds`` of what removes rows or words, or brings another law."""
        for part in parts:
            change = part.content.get("change", {})
            takes = [key for key in ("remove", "exclude") if change.get(key)]
            takes += ["law"] if part.law is not None else []
            if takes:
                self._say(
                    entry.written.place(("only_adds",)),
                    Message("patch.only_adds", place=str(part.place), takes=tuple(takes)),
                )

    def _parts(
        self, name: str, settings: Mapping[str, float], asked: FilePlace, above: tuple[str, ...]
    ) -> tuple[tuple[ScenarioPart, ...], dict[str, float]]:
        """Parts of a scenario and of those it uses, and the values of all their parameters."""
        if name in above:
            chain = " -> ".join((*above[above.index(name) :], name))
            self._say(asked, Message("patch.circle", chain=chain))
            return (), {}
        entry = self._entries.get(name)
        if entry is None:
            self._say(
                asked, Message("patch.use_unknown", name=name, known=known(self._entries, name))
            )
            return (), {}
        definition = entry.definition
        values = self._values(entry, settings, asked)
        parts: dict[tuple[str, str], ScenarioPart] = {}
        used = {f"{name}.{key}": value for key, value in values.items()}
        for number, item in enumerate(definition.use):
            place = entry.written.place(("use", number))
            wanted, inner = self._used(item, place)
            if wanted:
                more, settled = self._parts(wanted, inner, place, (*above, name))
                parts.update({(str(part.place), str(part.content)): part for part in more})
                used.update(settled)
        for part in self._own(entry, name, values):
            parts[str(part.place), str(part.content)] = part
        if not (definition.use or definition.change or definition.policy or definition.law):
            self._say(entry.written.place(), Message("patch.changes_nothing"))
        return tuple(parts.values()), used

    def _used(self, item: str | dict[str, Any], place: FilePlace) -> tuple[str, dict[str, float]]:
        if isinstance(item, str):
            return item, {}
        inner = {key: value for key, value in item.items() if key != "name"}
        if not isinstance(item.get("name"), str):
            self._say(place, Message("patch.use_no_name"))
            return "", {}
        return item["name"], inner

    def _values(
        self, entry: _Entry, settings: Mapping[str, float], asked: FilePlace
    ) -> dict[str, float]:
        """Values of the parameters of a scenario."""
        parameters = entry.definition.parameters
        name = entry.written.scenario
        values: dict[str, float] = {key: one.default for key, one in parameters.items()}
        for key, value in settings.items():
            if key not in parameters:
                hint = known(parameters) or "none"
                self._say(
                    asked, Message("patch.no_parameter", scenario=name, parameter=key, known=hint)
                )
            elif isinstance(value, bool) or not isinstance(value, int | float):
                self._say(
                    asked,
                    Message(
                        "patch.parameter_number", scenario=name, parameter=key, value=repr(value)
                    ),
                )
            else:
                values[key] = value
        for key, value in values.items():
            if beyond := _beyond(name, key, parameters[key], value):
                self._say(asked, beyond)
        return values

    def _own(self, entry: _Entry, name: str, values: Mapping[str, float]) -> Iterable[ScenarioPart]:
        definition, written = entry.definition, entry.written
        before = definition.before
        for number, change in enumerate(definition.change):
            here = written.below("change", number)
            raw = change.model_dump(by_alias=True, exclude_defaults=True)
            filled = self._filled(raw, values, here)
            try:
                spec = ChangeDefinition.model_validate(filled)
            except ValidationError as error:
                raise AssertionError(str(error)) from error
            read = read_change(spec, self._sayer(here))
            if read is not None:
                yield ScenarioPart(name, here, {"change": filled}, change=read, before=before)
        if definition.policy:
            here = written.below("policy")
            filled = self._filled(definition.policy, values, here)
            changes = read_policy(filled, self._sayer(here))
            yield ScenarioPart(name, written, {"policy": filled}, policy=changes, before=before)
        if definition.law is not None:
            law = definition.law
            content = {"law": law.model_dump(mode="json")}
            yield ScenarioPart(name, written, content, law=law, before=before)

    def _filled(self, value: Any, values: Mapping[str, float], written: FileSection) -> Any:
        """Put the values of parameters in place of ``"$name"``."""
        if isinstance(value, dict):
            return {key: self._filled(one, values, written.below(key))
                    for key, one in value.items()}  # fmt: skip
        if isinstance(value, list):
            return [self._filled(one, values, written.below(at)) for at, one in enumerate(value)]
        if isinstance(value, str) and value.startswith("$"):
            found = _REFERENCE.fullmatch(value)
            if found is not None and found[1] in values:
                number = round(values[found[1]] * float(found[2] or 1), 9)
                return int(number) if float(number).is_integer() else number
            self._say(
                written.place(),
                Message("patch.reference", value=value, known=known(values, value[1:])),
            )
            return 0
        return value

    def sweep(self, name: str, sweep: SweepDefinition, written: FileSection) -> Sweep:
        """Make every scenario of a sweep."""
        written = FileSection(written.file, written.lines, written.path, name)
        axes: dict[str, Any] = {}
        for scenario, inner in sweep.over.items():
            for parameter, span in inner.items():
                at = written.below("over", scenario, parameter)
                axis = self._axis(scenario, parameter, span, sweep.kind, at)
                if axis is not None:
                    axes[f"{scenario}.{parameter}"] = axis
        made = Sweep(name, sweep.title, sweep.question, sweep.kind,
                     {key: axis.values for key, axis in axes.items()}, ())  # fmt: skip
        if not any(sweep.over.values()):
            self._say(written.place(("over",)), Message("patch.over"))
            return made
        if any(fault.place.scenario == name for fault in self._faults):
            return made
        try:
            settings = points(sweep.kind, axes, sweep.samples, sweep.seed)
        except ValueError as error:
            self._say(written.place(("over",)), error.args[0])
            return made
        scenarios = _numbered(self._point(name, sweep, written, one) for one in settings)
        return Sweep(made.name, made.title, made.question, made.kind, made.parameters, scenarios)

    def _axis(self, scenario: str, parameter: str, span: Any, kind: str, at: FileSection) -> Any:
        entry = self._entries.get(scenario)
        if entry is None:
            self._say(
                at.place(),
                Message("patch.no_scenario", name=scenario, known=known(self._entries, scenario)),
            )
            return None
        stated = entry.definition.parameters.get(parameter)
        if stated is None:
            hint = known(entry.definition.parameters) or "none"
            self._say(
                at.place(),
                Message("patch.no_parameter", scenario=scenario, parameter=parameter, known=hint),
            )
            return None
        try:
            axis = values_of(span, stated, kind)
        except ValueError as error:
            self._say(
                at.place(),
                Message(
                    "patch.parameter", scenario=scenario, parameter=parameter, reason=error.args[0]
                ),
            )
            return None
        for value in axis.values:
            if beyond := _beyond(scenario, parameter, stated, value):
                self._say(at.place(), beyond)
                return None
        return axis

    def _point(
        self, name: str, sweep: SweepDefinition, written: FileSection, point: Mapping[str, float]
    ) -> Scenario:
        parts: dict[tuple[str, str], ScenarioPart] = {}
        used: dict[str, float] = {}
        wanted = [self._used(item, written.place(("use", at))) for at, item in enumerate(sweep.use)]
        by_name: dict[str, dict[str, float]] = {}
        for key, value in point.items():
            scenario, _, parameter = key.partition(".")
            by_name.setdefault(scenario, {})[parameter] = value
        for scenario, settings in [*wanted, *by_name.items()]:
            if not scenario:
                continue
            more, settled = self._parts(scenario, settings, written.place(), ())
            parts.update({(str(part.place), str(part.content)): part for part in more})
            used.update(settled)
        short = [key.partition(".")[2] for key in point]
        names = short if len(set(short)) == len(short) else list(point)
        if sweep.kind == "one_at_a_time":
            names = list(point)
        label = ", ".join(
            f"{name} = {value:g}" for name, value in zip(names, point.values(), strict=True)
        )
        labels = {key: self._label(key) for key in point}
        told = {
            language: ", ".join(
                f"{labels[key].of(language) or name} = {value:g}"
                for (key, value), name in zip(point.items(), names, strict=True)
            )
            for language in BothTexts.model_fields
        }
        text = BothTexts(**told)
        return Scenario(
            name=f"{name}[{label.replace(' = ', '=').replace(', ', ',')}]",
            title=text,
            question=sweep.question,
            parts=tuple(parts.values()),
            settings=dict(point) if sweep.kind == "one_at_a_time" else {**used, **point},
            sweep=name,
            kind=sweep.kind,
            sweep_title=sweep.title,
            labels=labels,
        )

    def _label(self, key: str) -> BothTexts:
        scenario, _, parameter = key.partition(".")
        return self._entries[scenario].definition.parameters[parameter].text

    def _say(self, place: FilePlace, text: str) -> None:
        self._faults.append(ScenarioFault(place, text))

    def _sayer(self, written: FileSection) -> Any:
        return lambda at, text: self._say(written.place(at), text)


def _numbered(scenarios: Iterable[Scenario]) -> tuple[Scenario, ...]:
    """Give numbers to draws that fell on one point: each counts, and each needs a name."""
    seen: Counter[str] = Counter()
    numbered = []
    for one in scenarios:
        seen[one.name] += 1
        again = seen[one.name] > 1
        numbered.append(replace(one, name=f"{one.name}#{seen[one.name]}") if again else one)
    return tuple(numbered)


def _beyond(scenario: str, name: str, parameter: Parameter, value: float) -> Message | None:
    """Say that a value is outside its parameter's range; None where it is inside."""
    least, most = parameter.from_, parameter.to
    if (least is None or value >= least) and (most is None or value <= most):
        return None
    return Message(
        "patch.parameter_range",
        scenario=scenario,
        parameter=name,
        value=value,
        range=_between(least, most),
    )


def _between(least: float | None, most: float | None) -> str:
    if least is None:
        return Message("patch.at_most", most=most)
    return (
        Message("patch.at_least", least=least)
        if most is None
        else Message("patch.from_to", least=least, most=most)
    )
