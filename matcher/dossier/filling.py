"""The dossier filled: each sentence of the outline with its facts, or the blank in its place."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from matcher import __version__
from matcher.contest import Ground, grounds_of
from matcher.dossier.sources import Fact, Sources, shown_places
from matcher.ledger import Run
from matcher.policy import Act
from matcher.rules import RULES
from matcher.texts import Speech

OFFER_TESTS = "tests/offers/test_rules.py"
VERIFIER_TESTS = "tests/test_verify/test_rules.py"
"""Where each hard rule is broken alone: for the offers, and for the check that is written apart."""
_DAY = 10


@dataclass(frozen=True)
class Sentence:
    """A sentence of the dossier."""

    id: str
    text: str
    facts: tuple[Fact, ...] = ()
    test: str = ""
    """Test that fails where it is not so."""
    blank: bool = False
    acts: tuple[Act, ...] = ()
    """Provisions it names."""

    @property
    def replay(self) -> str:
        """How to see that it is so; empty for a blank."""
        if self.test:
            return f"python -m pytest {self.test}"
        return shown_places(self.facts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        told: dict[str, Any] = {"id": self.id, "text": self.text}
        if self.blank:
            return {**told, "blank": True}
        if self.test:
            return {**told, "command": f"python -m pytest {self.test}"}
        told["facts"] = [fact.to_dict() for fact in self.facts]
        if self.acts:
            told["acts"] = [one.model_dump(mode="json") for one in self.acts]
        return told


@dataclass(frozen=True)
class FilledTable:
    """A table of the dossier; each cell that is a figure has its fact."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...] = ()
    replay: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "id": self.id,
            "caption": self.caption,
            "head": list(self.head),
            "rows": [list(row) for row in self.rows],
            "replay": self.replay,
            "facts": [fact.to_dict() for fact in self.facts],
        }


@dataclass(frozen=True)
class FilledChapter:
    """A chapter of a paper."""

    id: str
    heading: str
    level: int
    content: tuple[Sentence | FilledTable, ...]


@dataclass(frozen=True)
class FilledPaper:
    """One paper of the dossier."""

    id: str
    title: str
    chapters: tuple[FilledChapter, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "chapters": [
                {"heading": one.heading, "content": [each.to_dict() for each in one.content]}
                for one in self.chapters
            ],
        }


@dataclass(frozen=True)
class Dossier:
    """All papers, and the two entries for registers."""

    day: dt.date
    language: str
    papers: tuple[FilledPaper, ...]
    dutch: Mapping[str, Any]
    """Entry of the algorithm register, after the Dutch standard 1.0."""
    atrs: Mapping[str, Any]
    """Entry after the UK Algorithmic Transparency Recording Standard 3.0."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema_version": 1,
            "day": self.day.isoformat(),
            "language": self.language,
            "program": __version__,
            "papers": [paper.to_dict() for paper in self.papers],
            "algorithm_register": dict(self.dutch),
            "atrs": dict(self.atrs),
        }


@cache
def outline() -> Mapping[str, Any]:
    """Return what stands in the dossier, and where each sentence comes from."""
    file = resources.files("matcher.dossier").joinpath("outline.toml")
    return tomllib.loads(file.read_text("utf-8"))


def dossier_of(sources: Sources) -> Dossier:
    """Fill the dossier from the answers of the commands."""
    fill = _Filler(sources)
    papers = tuple(
        FilledPaper(
            one["id"],
            fill.say(f"dossier_title.{one['id']}"),
            tuple(fill.chapter(chapter) for chapter in one["chapters"]),
        )
        for one in outline()["paper"]
    )
    return Dossier(sources.day, sources.language, papers, fill.dutch(), fill.atrs())


class _Filler:
    """Fills sentences, tables and fields in one language."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.say = Speech(sources.language)
        self._known: dict[str, Sentence | None] = {}

    def chapter(self, one: Mapping[str, Any]) -> FilledChapter:
        content: list[Sentence | FilledTable] = []
        for name in one["content"]:
            found = self.table(name["table"]) if isinstance(name, Mapping) else self.sentence(name)
            if found is not None and found not in content:
                content.append(found)
        heading = self.say(f"dossier_chapter.{one['id']}")
        return FilledChapter(one["id"], heading, one.get("level", 2), tuple(content))

    def sentence(self, name: str) -> Sentence | None:
        """Fill a sentence, or the one that stands in its place; None: neither says anything."""
        if name not in self._known:
            self._known[name] = self._filled(name)
        return self._known[name]

    def _filled(self, name: str) -> Sentence | None:
        spec = outline()["sentence"][name]
        if spec.get("blank"):
            text = self.say("dossier.to_fill_in", what=self.say(f"dossier.{name}"))
            return Sentence(name, text, blank=True)
        facts = [self.sources.found(key, where) for key, where in spec.get("facts", {}).items()]
        acts = spec.get("acts", {})
        own = self.sources.policy.accountability
        named = tuple(own.acts[act] for act in acts.values() if own and act in own.acts)
        facts += [
            self.sources.found(key, f"policy accountability/acts/{act}/{{tongue}}")
            for key, act in acts.items()
        ]
        if any(fact.value in (None, "", []) for fact in facts):
            return self.sentence(spec["without"]) if "without" in spec else None
        told = {fact.name: self.shown(fact.value, fact.name) for fact in facts}
        one = any(fact.value == 1 for fact in facts[:1])
        text = self.say(f"dossier.{name}", 1 if one else None, **told)
        return Sentence(name, text, tuple(facts), spec.get("test", ""), acts=named)

    def shown(self, value: Any, name: str = "") -> str:
        """Write a value for people."""
        say = self.say
        if isinstance(value, bool):
            return say("careful.yes" if value else "careful.no")
        if isinstance(value, int):
            return say.whole(value)
        if isinstance(value, float):
            return say.percent(value) if name in _SHARES else say.decimal(value, 1)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(self.shown(one, name) for one in value)
        text = str(value)
        if name in _DAYS and len(text) >= _DAY:
            return say.date(text[:_DAY])
        section = _NAMED.get(name)
        if section == "measure":
            return say.pick(self.sources.policy.measure_name(text))
        return say.known(f"{section}.{text}", text) if section else text

    # -------------------------------------------------------------------------- tables

    def table(self, name: str) -> FilledTable | None:
        """Fill a table; None: it would have no row."""
        if name == "rules":
            return self._rules()
        spec = outline()["table"][name]
        facts: list[Fact] = []
        rows = []
        for source, path in self.sources.every(spec["each"]):
            row = []
            for column in spec["columns"]:
                if column == "@":
                    text = path.rpartition("/")[2]
                    named = self.say.known(f"{spec.get('names')}.{text}", text)
                    row.append(named)
                    continue
                where = path if column == "." else f"{path}/{column}"
                if column.startswith("^"):  # of what the member lies in: group in dimension
                    where = f"{path.rsplit('/', 2)[0]}/{column[1:]}"
                fact = self.sources.found(column, f"{source} {where}")
                told = self.shown(fact.value, column.lstrip("^"))
                row.append("-" if fact.value in (None, "") else told)
                facts.append(fact)
            rows.append(tuple(row))
        if not rows:
            return None
        head = tuple(self.say(f"dossier_head.{name}_{n}") for n in range(len(spec["columns"])))
        replay = f"{facts[0].command}  →  {spec['each'].partition(' ')[2]}"
        caption = self.say(f"dossier_table.{name}")
        return FilledTable(name, caption, head, tuple(rows), tuple(facts), replay)

    def _rules(self) -> FilledTable:
        """List every hard rule: where it stands, from when, where it is tested, its last run."""
        policy = self.sources.policy
        keys = {
            f"measures.{name}" if part == "measures" else part
            for rule in RULES.values()
            for part in (one.partition(".")[0] for one in f"{rule.value} {rule.limit}".split())
            for name in (policy.measures if part == "measures" else ("",))
        }
        last = {key: self.sources.last_run_under(key) for key in keys if self._is_ground(key)}
        rows, facts = [], []
        runs = self.sources.of["runs"]
        places = {one["run_id"]: n for n, one in enumerate((runs.answer or {}).get("runs", ()))}
        for rule in RULES.values():
            grounds = {one.key: one for one in grounds_of(policy, rule.id)}
            if "measures." in f"{rule.value} {rule.limit}":
                for measure in policy.measures:
                    if self._uses(measure, rule.id):
                        grounds |= {one.key: one for one in grounds_of(policy, rule.id, measure)}
            run = self._last_run(grounds, last)
            law = "; ".join(
                f"{self._ground_name(key)}: {one.names.get(self.say.language) or one.names['en']}"
                for key, one in grounds.items()
            )
            since = sorted({self.say.date(one.valid_from) for one in grounds.values()})
            rows.append(
                (
                    rule.short(self.say.language),
                    law or self.say("dossier.no_ground"),
                    ", ".join(since) or "-",
                    self._read(grounds.values()) or "-",
                    f"{OFFER_TESTS} [{rule.id}]; {VERIFIER_TESTS} [{rule.id}]",
                    run.run_id if run is not None else "-",
                )
            )
            if run is not None:
                path = f"runs/{places[run.run_id]}/run_id"
                facts.append(Fact(rule.id, run.run_id, runs.command, path))
            facts += [
                self.sources.found(rule.id, f"policy {key.replace('.', '/')}/source")
                for key in grounds
            ]
        head = tuple(self.say(f"dossier_head.rules_{n}") for n in range(6))
        replay = (
            f"{self.sources.of['policy'].command}; {runs.command}; "
            f"python -m pytest {OFFER_TESTS} {VERIFIER_TESTS}"
        )
        return FilledTable(
            "rules", self.say("dossier_table.rules"), head, tuple(rows), tuple(facts), replay
        )

    def _read(self, grounds: Iterable[Ground]) -> str:
        """Say how the sources of a rule were read, how sure that is, and when it is due again."""
        told = dict.fromkeys(one.read(self.say) for one in grounds)
        days = [one.review_by for one in grounds if one.review_by is not None]
        due = [self.say("dossier.review", day=min(days))] if days else []
        return "; ".join([*filter(None, told), *due])

    def _last_run(self, grounds: Iterable[str], last: Mapping[str, Run | None]) -> Run | None:
        """Find the newest run that held a rule as it holds now.

        All sections it reads must have held as they do, but of the measures one is enough. A rule
        that reads none is held in every run.
        """
        needed = [last[key] for key in grounds if "." not in key]
        measures = [last[key] for key in grounds if "." in key]
        if measures:
            some = [run for run in measures if run is not None]
            needed.append(max(some, key=_number) if some else None)
        if not needed:
            return self.sources.runs[0] if self.sources.runs else None
        runs = [run for run in needed if run is not None]
        return min(runs, key=_number) if len(runs) == len(needed) else None

    def _is_ground(self, key: str) -> bool:
        name, _, measure = key.partition(".")
        policy = self.sources.policy
        return bool(measure) if measure else hasattr(getattr(policy, name, None), "valid_from")

    def _uses(self, measure: str, rule: str) -> bool:
        """Whether a measure sets what a rule of measures reads."""
        section = self.sources.policy.measures[measure]
        declared = RULES[rule]
        named = [
            one.partition(".")[2]
            for one in f"{declared.value} {declared.limit}".split()
            if one.startswith("measures.")
        ]
        return any(getattr(section, name, None) for name in named)

    def _ground_name(self, key: str) -> str:
        name, _, measure = key.partition(".")
        if measure:
            return self.say.pick(self.sources.policy.measure_name(measure))
        return self.say(f"policy_section.{name}")

    # -------------------------------------------------------------------------- registers

    def dutch(self) -> dict[str, Any]:
        """Make the entry of the algorithm register; the standard's own words stay Dutch."""
        fields = {
            name: shortened(self._text(spec["says"]), spec["most"])
            for name, spec in outline()["dutch"].items()
        }
        runs = any(not run.made_up for run in self.sources.runs)
        acts = self.sources.policy.accountability
        links = {
            name: _link(one.source) for name, one in (acts.acts if acts is not None else {}).items()
        }
        website = acts.website if acts is not None else ""
        return {
            **fields,
            "status": "In gebruik" if runs else "In ontwikkeling",
            "publication_category": "Hoog-risico AI-systeem",
            "lang": "nld",
            "category": ["Werk"],
            **({"website": website} if website else {}),
            "lawful_basis_grouping": [
                {"title": self._act(name), "link": links[name]}
                for name in ("ai_order_use", "ai_order_note")
                if links.get(name)
            ],
            "impacttoetsen_grouping": [
                {"title": self.say("dossier_title.dpia")},
                {"title": self.say("dossier_title.administrative_law")},
            ],
            "standard_version": "1.0",
            "source_id": f"jobmatch {__version__}",
            "tags": self.say("dossier.tags", language=self.say.language),
        }

    def _act(self, name: str) -> str:
        return str(self.sources.found(name, f"policy accountability/acts/{name}/{{tongue}}").value)

    def atrs(self) -> dict[str, Any]:
        """Make the entry by the fields of the UK standard, in its order."""
        tiers: dict[str, list[dict[str, str]]] = {"tier_1": [], "tier_2": []}
        for one in outline()["atrs"]:
            told = {"number": one["number"], "name": one["name"], "text": self._text(one["says"])}
            tiers[f"tier_{one['tier']}"].append(told)
        return {"standard": "ATRS 3.0", "language": self.say.language, **tiers}

    def _text(self, names: Sequence[str]) -> str:
        return " ".join(
            dict.fromkeys(one.text for one in map(self.sentence, names) if one is not None)
        )


_DAYS = {"day", "since", "until", "first", "last", "asked_on", "settled_on"}
"""Facts and columns that are days, however JSON has them."""
_SHARES = {"rate", "share"}
"""Those that are shares from 0 to 1."""
_NAMED = {
    "goals": "tier",
    "names": "component",
    "measures": "measure",
    "termination": "dossier_end",
    "outcome": "outcome",
    "dimension": "dimension",
    "group": "group",
}
"""Those whose codes have a name, and the section of the catalogue that has it."""


def _number(run: Run) -> int:
    return run.number


def _link(source: str) -> str:
    """Return the address of an act on Retsinformation, where its source names it so."""
    page, _, number = source.partition(" ")
    where = number.split(",")[0].strip()
    year, _, act = where.partition("/")
    known = page == "retsinformation.dk" and year.isdecimal() and act.isdecimal()
    return f"https://www.retsinformation.dk/eli/lta/{year}/{act}" if known else ""


def shortened(text: str, most: int) -> str:
    """Cut a text at the end of a word where a field has no room for all of it."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;.") + "…"


def sentences(dossier: Dossier) -> Iterator[Sentence]:
    """Give every sentence of every paper."""
    for paper in dossier.papers:
        for chapter in paper.chapters:
            yield from (one for one in chapter.content if isinstance(one, Sentence))
