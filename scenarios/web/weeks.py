"""The weeks behind the pages: runs of the ledger, their documents, and the week solved again."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from matcher.errors import LedgerError
from matcher.ledger import AskedBeside, Decision, Ledger, Run
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.terminal import address_of
from matcher.texts import Message
from scenarios.questions import (
    PATIENCE,
    BusyError,
    Here,
    Holder,
    QuestionDesk,
    Tell,
    address_text,
    states,
    untold,
)
from scenarios.web.later import Later
from scenarios.web.lists import Lists, lists_of
from scenarios.web.settings import Settings

KEPT = 3
"""Runs whose documents, lists and tables are kept at hand."""
ANSWERS = 64
"""Answers that are kept at hand."""
ROW = 16
"""Letters of an opaque row: 64 bits."""
_Kind = TypeVar("_Kind")


class Kept:
    """The newest few answers of a function, each made once however many ask."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Kind]) -> _Kind:
        """Return what is kept under a key, or make it."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._found:
                    self._found.move_to_end(key)
                    kept: _Kind = self._found[key]
                    return kept
            made = make()
            with self._lock:
                self._found[key] = made
                while len(self._found) > self._most:
                    old, _ = self._found.popitem(last=False)
                    self._making.pop(old, None)
            return made

    def let_go(self) -> None:
        """Forget everything."""
        with self._lock:
            self._found.clear()
            self._making.clear()


class Weeks:
    """Runs, and what is made of them.

    Parameters
    ----------
    settings
        Where the ledger is, how many weeks are solved at a time, the key of opaque rows.
    holders
        Who holds solved weeks and answers questions about them. None: this process.
    patient
        Who answers those that take minutes, where others are to go on meanwhile.
    """

    def __init__(
        self, settings: Settings, holders: Sequence[Holder] | None = None,
        patient: Sequence[Holder] = (),
    ) -> None:  # fmt: skip
        self.settings = settings
        self._documents = Kept()
        self._lists = Kept()
        self._problems = Kept()
        self._policies = Kept()
        self._others = Kept(ANSWERS)
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._states: set[tuple[str, str]] = set()
        """Runs of which something is kept, with the state it is kept under."""
        self.later = Later()
        """Answers that take longer than a page waits."""
        self._lock = threading.Lock()
        self.answering = QuestionDesk(holders or [Here(address_text(settings.ledger))], patient)
        """Who answers what is asked about a solved week."""
        self._turns = threading.BoundedSemaphore(settings.rules.solves)

    @contextmanager
    def ledger(self, *, create: bool = False) -> Iterator[Ledger]:
        """Open the ledger for one page: each has its own, so that none waits for another."""
        address = self.settings.ledger
        with Ledger.open(address_of(str(address)), create=create) as ledger:
            yield ledger

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        """Return stored runs, newest first; none where there is no ledger yet."""
        address = self.settings.ledger
        if "://" not in str(address) and not Path(address).exists():
            return ()
        with self.ledger() as ledger:
            return ledger.runs(most=most)

    def run(self, run_id: str | None) -> Run | None:
        """Return the run of that name, or the newest; None: there is none.

        Raises
        ------
        LedgerError
            There is no run of that name.
        """
        if run_id:
            with self.ledger() as ledger:
                return ledger.run(run_id)
        newest = self.runs(1)
        return newest[0] if newest else None

    def document(self, run_id: str) -> Mapping[str, Any]:
        """Everything a run said, as in its ``run.json``.

        Raises
        ------
        LedgerError
            Its folder is gone.
        """
        return self._document(run_id)[1]

    def _document(self, run_id: str) -> tuple[Hashable, Mapping[str, Any]]:
        """Return the document of a run, and what it is kept under."""
        with self.ledger() as ledger:
            folders = ledger.folders(run_id)
        file = next((one / "run.json" for one in folders if (one / "run.json").is_file()), None)
        if file is None:
            raise LedgerError(Message("web.folder_gone", run=run_id))
        key = (run_id, str(file), file.stat().st_mtime_ns)
        return key, self._documents.get(key, lambda: json.loads(file.read_text("utf-8")))

    def lists(self, run_id: str) -> Lists:
        """People and openings of a run, as columns."""
        key, document = self._document(run_id)

        def make() -> Lists:
            with self.ledger() as ledger:
                citizens = ledger.input_table(run_id, "citizens")
                places = ledger.input_table(run_id, "places")
            return lists_of(document, citizens, places, lambda one: self.row_of(run_id, one))

        return self._lists.get(key, make)

    def decisions(self, run_id: str) -> dict[str, Decision]:
        """Newest decision about each proposal of a run, by citizen."""
        with self.ledger() as ledger:
            return {one.citizen_id: one for one in ledger.decisions(run_id=run_id)}

    def asked(self, run_id: str, citizen_id: str | None = None) -> dict[str, AskedBeside]:
        """Who a run asked for a seat beside others, by citizen; of one: those of their seat."""
        with self.ledger() as ledger:
            return {one.citizen_id: one for one in ledger.asked(run_id, citizen_id)}

    def policy(self, run_id: str) -> Policy:
        """Return the policy a run was made under; it stays what it was."""

        def make() -> Policy:
            with self.ledger() as ledger:
                return ledger.policy(run_id)

        return self._policies.get(run_id, make)

    def row_of(self, run_id: str, citizen_id: str) -> str:
        """Opaque name of a citizen in addresses: it leads nowhere without the key."""
        text = f"{run_id}\0{citizen_id}".encode()
        return hmac.new(self.settings.key, text, hashlib.sha256).hexdigest()[:ROW]

    def problem(self, run_id: str) -> Problem:
        """Put the input of a run together again; LedgerError where it is not kept any more."""

        def make() -> Problem:
            with self.ledger() as ledger:
                return ledger.problem(run_id)

        return self._problems.get(self.state(run_id), make)

    def once(self, key: Hashable, make: Callable[[], _Kind]) -> _Kind:
        """Return what was computed under a key before, or compute it."""
        return self._others.get(key, make)

    # ---------------------------------------------------------------- solving again

    def ask(
        self, run_id: str, question: Callable[..., Any], *given: Any,
        key: Hashable = None, who: str = "", stop: threading.Event | None = None,
        tell: Tell = untold, patient: bool = False,
    ) -> Any:  # fmt: skip
        """Ask the solved week of a run; what was answered before is not asked again.

        Parameters
        ----------
        question
            One of :mod:`scenarios.questions`.
        given
            What it takes beside the week.
        key
            Tells whether it is the same as another. None: by what it takes.
        who
            The user: they take turns.
        stop
            Set when whoever asked does not want the answer any more.
        tell
            Hears how far it is, in another thread.
        patient
            Whether to wait for a turn however long it takes.

        Raises
        ------
        BusyError
            It was not its turn in time.
        StoppedError
            The answer is not wanted any more.
        GoneError
            The process that was asked has ended, more than once.
        MatcherError
            The question's own; LedgerError where the tables are not kept any more.
        """
        state = self.state(run_id)
        name = (question.__name__, state, given if key is None else key)
        with self._lock:
            if name in self._answers:
                self._answers.move_to_end(name)
                return self._answers[name]
        answer = self.answering.ask(
            name, (run_id, question, given), who=who, stop=stop, tell=tell, patient=patient
        )
        with self._lock:
            if (run_id, state) in self._states:  # else it was let go meanwhile
                self._answers[name] = answer
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def state(self, run_id: str) -> str:
        """Return what answers about a run are kept under: :meth:`matcher.ledger.Ledger.state`."""
        with self.ledger() as ledger:
            state = ledger.state(run_id)
        with self._lock:
            self._states.add((run_id, state))
        return state

    def let_changed_go(self) -> bool:
        """Forget all that is kept, if somebody of its runs is forgotten or their tables are gone.

        Nothing of it was shown any more: it is kept under what has changed. Say whether it was so.
        """
        with self._lock:
            known = set(self._states)
        now = states(address_text(self.settings.ledger), {run_id for run_id, _ in known})
        if known <= now.items():
            return False
        with self._lock:
            self._states.clear()
            self._answers.clear()
        for kept in (self._documents, self._lists, self._problems, self._policies, self._others,
                     self.later):  # fmt: skip
            kept.let_go()
        self.answering.let_go()
        return True

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one of the few places at which tables are worked on.

        Raises
        ------
        BusyError
            None became free.
        """
        if not self._turns.acquire(timeout=PATIENCE):
            raise BusyError(Message("web.busy"))
        try:
            yield
        finally:
            self._turns.release()
