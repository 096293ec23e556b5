"""What a person reads at a terminal: progress while it runs, the few figures when it is done.

At a terminal progress is a bar that goes away; elsewhere (cron) it is plain timed lines, in ASCII
where the terminal knows no more.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, cast

from matcher.clock import local, now
from matcher.report import Words, headline, week_lines
from matcher.rules import Language
from matcher.streams import Outlet, fitting, spoken
from matcher.tables import IssueCode, code_name, table_name
from matcher.texts import ENGLISH, Both, Figures, Message, tell
from matcher.weekly import FinishedRun, Observer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from matcher.policy import Policy
    from matcher.solve import Standing
    from matcher.tables import Issue, Reading


QUIET_SECONDS = 30.0
"""Long work says that it goes on at least this often, where no bar shows it."""


class Talk(Observer):
    """Tells on stderr what a run is doing, also while stderr itself leads elsewhere.

    At a terminal Ctrl-C in the solve asks once whether to keep the best plan so far.

    Parameters
    ----------
    ask
        Reads what a person answers. None: from the terminal, where standard input is one.
    quiet
        Seconds after which long work says that it goes on, where there is no bar.
    """

    stop: threading.Event

    def __init__(self, ask: Callable[[], str] | None = None, quiet: float = QUIET_SECONDS) -> None:
        self._language = spoken()
        self._started = time.perf_counter()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._file = Outlet(io.StringIO(), needed=False)
        self._ask, self._quiet = ask, quiet
        self._doing: str = ""
        self._standing: Standing | None = None
        self._said = self._started
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._handler: Any = None
        self.stop = threading.Event()

    def __enter__(self) -> Self:
        """Start the bar, at a terminal; elsewhere, what tells that long work goes on."""
        self._file = _own_stderr()
        if self._file.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(file=cast("IO[str]", self._file)),
                transient=True,
            )
            self._bar.start()
            if self._ask is None and sys.stdin is not None and sys.stdin.isatty():
                self._ask = input
            if self._ask is not None and threading.current_thread() is threading.main_thread():
                self._handler = signal.signal(signal.SIGINT, self._interrupted)
        else:
            threading.Thread(target=self._go_on_telling, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away, or say how long it took."""
        self._ended.set()
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None
        if self._bar is not None:
            self._bar.stop()
        elif kind is None:
            self._line(Message("phase.done"))
        if self._file.stream not in {sys.stderr, getattr(sys.stderr, "stream", None)}:
            with suppress(OSError):
                self._file.stream.close()

    def phase(self, name: str) -> None:
        """Show the phase that begins."""
        message = name if isinstance(name, Message) else Message(f"phase.{name}")
        text = message.told(self._language)
        self._doing, self._standing = text, None
        if self._bar is None:
            self._line(text)
        else:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(text, total=None)

    def step(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def stands(self, standing: Standing) -> None:
        """Show the best plan so far, and what no plan can pass."""
        self._standing = standing
        self.rename(Message("phase.stands", doing=self._doing, stands=_stands(standing)))

    def _interrupted(self, *_: Any) -> None:
        """Hear Ctrl-C: once, where there is a plan to keep, ask."""
        standing = self._standing
        if self._ask is None or standing is None or standing.value is None or self.stop.is_set():
            raise KeyboardInterrupt
        self._standing = None  # a second Ctrl-C ends the command
        if self._bar is not None:
            self._bar.stop()
        question = Message("phase.keep", stands=_stands(standing)).told(self._language)
        self._file.write(question)
        self._file.flush()
        try:
            said = self._ask().strip().lower()
        except EOFError:
            said = ""
        if said[:1] not in _YES:
            raise KeyboardInterrupt
        self.stop.set()
        if self._bar is not None:
            self._bar.start()

    def _go_on_telling(self) -> None:
        """Say, where nothing was said for a while, what goes on and how far it has come."""
        wait = self._quiet
        while not self._ended.wait(wait):
            wait = self._said + self._quiet - time.perf_counter()
            if wait > 0:
                continue
            wait, stands = self._quiet, self._standing
            if stands is not None:
                self._line(Message("phase.stands", doing=self._doing, stands=_stands(stands)))
            elif self._doing:
                self._line(Message("phase.still", doing=self._doing))

    @property
    def has_bar(self) -> bool:
        """Whether there is a terminal with a bar on it."""
        return self._bar is not None

    def rename(self, text: str) -> None:
        """Change what stands beside the bar."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=tell(text, self._language))

    def note(self, text: str) -> None:
        """Say a line that stays."""
        if self._bar is None:
            self._line(text)
        else:
            self._bar.console.print(tell(text, self._language), markup=False, highlight=False)

    def _line(self, text: str) -> None:
        took = time.perf_counter() - self._started
        at = local(now())
        day = Figures(self._language).date(at.date())
        # A log of many weeks is read by day.
        with self._writing:
            self._said = time.perf_counter()
            self._file.write(f"[{day} {at:%H:%M:%S} {took:6.1f} s] {tell(text, self._language)}\n")
            self._file.flush()


_YES = ("y", "j")
"""How an answer begins that means yes, in English and in Danish."""


def _stands(standing: Standing) -> Message:
    """Say how far a solve has come with a goal."""
    people = standing.goal == "placements"
    key = "people" if people else "fit" if standing.goal == "fit" else "last"
    if standing.value is None:
        return Message(f"phase.{key}_bound", bound=standing.bound or 0)
    if standing.bound is None:
        return Message(f"phase.{key}_value", value=standing.value)
    return Message(f"phase.{key}_both", value=standing.value, bound=standing.bound)


def _own_stderr() -> Outlet:
    """Return a duplicate of stderr; stderr itself where it is no file, nowhere where it is none."""
    given = sys.stderr
    if given is None:
        return Outlet(io.StringIO(), needed=False)
    try:
        descriptor = os.dup(given.fileno())
    except (OSError, ValueError):
        return given if isinstance(given, Outlet) else Outlet(given, needed=False)
    stream = os.fdopen(descriptor, "w", encoding=given.encoding, errors="backslashreplace")
    return Outlet(stream, needed=False)


def headline_text(week: FinishedRun, language: Language) -> str:
    """Write the few figures of a finished run and where its files are."""
    return fitting(_headline(week, language), sys.stdout.encoding)


def _headline(week: FinishedRun, language: Language) -> str:
    figures: Any = headline(week.document)
    words = Words(language)
    day = week.document["date"]
    lines = [
        words(
            "page.subtitle", week=words.calendar_week(day).capitalize(), date=words.long_date(day)
        )
    ]
    lines += [str(line) for line in figures.lines(language)]
    lines += week_lines(week.document["people"], words, made_up=week.document["made_up"])
    lines.append("")
    report = week.files.get("report", week.folder)
    lines.append(Message("console.run_folder", path=str(week.folder)).told(language))
    lines.append(Message("console.open", path=str(report)).told(language))
    return "\n".join(lines)


def issues_text(reading: Reading, most: int, language: Language = "en") -> str:
    """Write the issues of a reading as a table, capped, with the total and the verdict."""
    lines = [f"{reading.address}: {tell(Message(f'console.{reading.format}'), language)}"]
    for name, count in reading.counts.items():
        rows = Message("console.rows", count=count.read, width=f"{count.read:7}")
        aside = f", {_told('console.aside', language, count=count.put_aside)}"
        table = _told("console.table", language, table=table_name(name))
        lines.append(f"{table} {rows.told(language)}{aside if count.put_aside else ''}")
    cascades = [issue for issue in reading.issues if issue.code is IssueCode.REFERS_TO_QUARANTINED]
    # Errors first; what follows from another row's error is told by table.
    direct = [
        issue
        for part in (reading.errors, reading.warnings)
        for issue in part
        if issue.code is not IssueCode.REFERS_TO_QUARANTINED
    ]
    groups = _alike(direct)
    if groups:
        lines += ["", _issue_table(groups[:most], language)]
    if left := sum(map(len, groups[most:])):
        lines.append(_told("console.more", language, count=left))
    lines += [tell(line, language) for line in _cascade_lines(cascades)]
    lines.append(
        _told(
            "console.counts",
            language,
            errors=Message("count.errors", count=len(reading.errors)),
            warnings=Message("count.warnings", count=len(reading.warnings)),
        )
        if reading.issues
        else _told("console.no_issues", language)
    )
    lines += [_told("console.cannot_go_on", language, reason=one) for one in reading.why_not]
    if reading.usable:
        lines.append(_told("console.can_go_on", language))
    return fitting("\n".join(lines), sys.stdout.encoding)


def _told(key: str, language: Language, **facts: Any) -> str:
    return Message(key, **facts).told(language)


def _cascade_lines(issues: Sequence[Issue]) -> list[Message]:
    """Write a line for each table whose rows name rows that were put aside."""
    by_table: dict[str, list[Issue]] = {}
    for issue in issues:
        by_table.setdefault(issue.source or issue.table, []).append(issue)
    lines: list[Message] = []
    for source, part in by_table.items():
        targets = tuple(dict.fromkeys(issue.expected for issue in part))
        aside = len({issue.row for issue in part if issue.put_aside})
        rows = len({issue.row for issue in part})
        lines.append(
            Message("console.cascade", source=part[0].source or source, count=rows,
                    targets=targets, aside=aside)
        )  # fmt: skip
    return lines


MOST_ALIKE = 3
"""Issues that say the same of other rows and are shown one by one; more are one line."""


def _alike(issues: Sequence[Issue]) -> list[list[Issue]]:
    """Put issues together that say the same of other rows, where there are more than a few."""
    by_kind: dict[tuple[object, ...], list[Issue]] = {}
    for issue in issues:
        kind = (issue.severity, issue.code, issue.table, issue.source, issue.column, issue.expected)
        by_kind.setdefault(kind, []).append(issue)
    many = {
        kind
        for kind, members in by_kind.items()
        # The facts of a clash belong together: none of them stands for the others.
        if len(members) > MOST_ALIKE and members[0].code is not IssueCode.FIXED_CLASH
    }
    groups: list[list[Issue]] = []
    for issue in issues:
        kind = (issue.severity, issue.code, issue.table, issue.source, issue.column, issue.expected)
        if kind not in many:
            groups.append([issue])
        elif by_kind[kind][0] is issue:
            groups.append(by_kind[kind])
    return groups


def _examples(texts: Sequence[str]) -> str:
    """Write what some issues say, once each; a few of them."""
    told = list(dict.fromkeys(text for text in texts if text))
    return "\n".join([*told[:MOST_ALIKE], *(["..."] if len(told) > MOST_ALIKE else [])])


def _issue_table(groups: Sequence[Sequence[Issue]], language: Language) -> str:
    """Lay out issues as a table as wide as the terminal, or 160 columns where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.ASCII2, show_lines=True)
    for heading in ("what", "where", "row", "column", "value", "expected", "try"):
        table.add_column(
            _told(f"heading.{heading}", language),
            justify="right" if heading == "row" else "left",
            overflow="fold",
        )
    for members in groups:
        issue = members[0]
        times = "\n" + _told("console.times", language, count=len(members))
        kind = _told(f"severity.{issue.severity.value}", language)
        code = issue.code.value if language == ENGLISH else code_name(issue.code).told(language)
        table.add_row(
            f"{kind}\n{code}{times if len(members) > 1 else ''}",
            tell(issue.source or table_name(issue.table), language),
            _examples(["" if one.row is None else str(one.row) for one in members]),
            tell(issue.column, language),
            _examples([tell(one.value, language) for one in members]),
            tell(issue.expected, language),
            _examples([tell(one.advice, language) for one in members]),
        )
    page = io.StringIO()
    width = None if sys.stdout.isatty() else 160
    # Cells are what somebody typed: never read as markup.
    Console(file=page, width=width, markup=False, highlight=False, emoji=False).print(table)
    return page.getvalue().rstrip("\n")


def policy_text(policy: Policy, language: Language = "en") -> str:
    """Write what holds on a day, section by section; keys as a policy file has them."""
    figures = Figures(language)
    name, version = policy.name, policy.version
    lines = [_told("console.policy", language, name=name, version=version, day=policy.on)]
    lines += [_told("console.changed", language, change=change) for change in policy.overrides]
    content = policy.model_dump(mode="json")
    for name, section in content.items():
        if name in {"name", "version", "on", "overrides"} or section is None:
            continue
        if name == "measures":
            for measure, values in section.items():
                lines += _section(f"measures.{measure}", values, figures)
        elif isinstance(section, dict):
            lines += _section(name, section, figures)
        elif section:
            lines += ["", f"[{name}]", f"  {section}"]
    return fitting("\n".join(lines), sys.stdout.encoding)


def _section(name: str, values: dict[str, Any], figures: Figures) -> list[str]:
    head, language = f"[{name}]", figures.language
    # What a municipality declares itself has neither a period nor a source.
    if "valid_from" in values:
        until, first = values.get("valid_to"), figures.date(values["valid_from"])
        last = figures.date(until) if until else ""
        key = "console.period" if until else "console.period_open"
        head = _told(key, language, head=head, first=first, last=last)
    lines = ["", head]
    for key, value in values.items():
        if key in {"valid_from", "valid_to", "source", "source_danish"} or value in (
            None,
            False,
            [],
            {},
        ):
            continue
        if language != ENGLISH and "english" in key.split("_"):
            continue
        if isinstance(value, dict):
            value = ", ".join(
                f"{inner} {_plain(amount, figures)}" for inner, amount in value.items()
            )
        elif isinstance(value, list):
            value = ", ".join(_plain(item, figures) for item in value)
        lines.append(f"  {key}: {_plain(value, figures)}")
    if "source" in values:
        own = Both(values["source"], values.get("source_danish", ""))
        lines.append(_told("console.source", language, source=own))
    return lines if len(lines) > 2 else []


def _plain(value: Any, figures: Figures) -> str:
    if isinstance(value, dict):
        shown = [
            one
            for key, one in value.items()
            if one not in (None, "") and (key != "english" or figures.language == ENGLISH)
        ]
        return "(" + "; ".join(_plain(one, figures) for one in shown) + ")"
    if isinstance(value, float):
        return figures.marked(str(value))
    if isinstance(value, bool):
        return _told("console.yes" if value else "console.no", figures.language)
    return str(value)
