"""Who is answered when: turns between users, one answer for the same question, nobody in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from scenarios.questions import (
    BusyError,
    QuestionDesk,
    StoppedError,
    answering,
    final_difference,
    reasons,
    scarce,
    target_levers,
)


class Slow:
    """A holder that answers when it may, and notes what it was asked."""

    def __init__(self) -> None:
        self.holds: list[str] = []
        self.asked: list[Any] = []
        self.goes_on = threading.Event()

    def answer(self, asked: Any, wanted: Callable[[], bool], tell: Any) -> Any:
        tell(1, 2)
        self.asked.append(asked[2][0])
        while not self.goes_on.is_set() and wanted():
            time.sleep(0.005)
        return asked[2][0], wanted()

    def end(self) -> None:
        self.holds = []


def until(there: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    ends = time.monotonic() + 10
    while not there():
        assert time.monotonic() < ends
        time.sleep(0.005)


class Users:
    """Somebody asks, in a thread; what became of it."""

    def __init__(self, answers: QuestionDesk) -> None:
        self.answers = answers
        self.became: dict[str, Any] = {}
        self.threads: list[threading.Thread] = []

    def ask(
        self, name: str, who: str, stop: threading.Event | None = None, question: Any = reasons,
        *, of: str | None = None, patient: bool = False,
    ) -> None:  # fmt: skip
        def wait() -> None:
            what = of or name
            try:
                self.became[name] = self.answers.ask(
                    what, ("run", question, (what,)), who=who, stop=stop, patient=patient
                )
            except Exception as error:
                self.became[name] = error

        self.threads.append(threading.Thread(target=wait, name=name, daemon=True))
        self.threads[-1].start()


@contextmanager
def users(*holders: Slow, patient: tuple[Slow, ...] = ()) -> Iterator[Users]:
    """Ask holders; at the end they answer everybody."""
    them = Users(QuestionDesk(holders, patient))
    yield them
    for holder in (*holders, *patient):
        holder.goes_on.set()
    for thread in them.threads:
        thread.join(10)
        assert not thread.is_alive()


def in_line(them: Users) -> int:
    """How many questions wait."""
    return sum(map(len, them.answers._waiting.values()))


def test_users_take_turns_whoever_asks_more() -> None:
    """Three of one and then one of another: the other is not the last."""
    holder = Slow()
    with users(holder) as them:
        them.ask("a1", "a")
        until(lambda: holder.asked == ["a1"])
        for at, (name, who) in enumerate((("a2", "a"), ("a3", "a"), ("b1", "b"))):
            them.ask(name, who)
            until(lambda at=at: in_line(them) == at + 1)  # type: ignore[misc]
    assert holder.asked in (["a1", "a2", "b1", "a3"], ["a1", "b1", "a2", "a3"])
    assert them.became["b1"] == ("b1", True)


def test_the_same_question_is_asked_once() -> None:
    """Whoever asked first and goes away takes nothing from the other."""
    holder, gone = Slow(), threading.Event()
    with users(holder) as them:
        them.ask("first", "a", gone, of="q")
        until(lambda: holder.asked == ["q"])
        them.ask("second", "b", threading.Event(), of="q")
        until(lambda: len(them.answers._under_way["q"].stops) == 2)
        gone.set()
    assert them.became["second"] == ("q", True)
    assert holder.asked == ["q"]


def test_who_comes_as_the_last_one_goes_gets_no_half_done_answer() -> None:
    """The first goes after the second has looked whether they are there, and before it joins."""
    holder, gave_up = Slow(), threading.Event()

    class Goes(threading.Event):
        """Set as soon as the second has looked; the solve gets its time to hear that."""

        def is_set(self) -> bool:
            was = super().is_set()
            if threading.current_thread().name == "second" and not was:
                self.set()
                gave_up.wait(0.3)
            return was

    def half(asked: Any, wanted: Callable[[], bool], tell: Any) -> Any:
        holder.asked.append(asked[2][0])
        while not holder.goes_on.is_set():
            if not wanted():
                gave_up.set()
                return "half done"
            time.sleep(0.005)
        return "whole"

    with users(holder) as them, mock.patch.object(holder, "answer", half):
        gone = Goes()
        them.ask("first", "a", gone, of="q")
        until(lambda: holder.asked == ["q"])
        them.ask("second", "b", threading.Event(), of="q")
        until(lambda: threading.Event.is_set(gone))
        until(lambda: gave_up.is_set() or len(them.answers._under_way["q"].stops) == 2)
        holder.goes_on.set()
        until(lambda: "second" in them.became)
    assert them.became["second"] == "whole"


def test_what_nobody_wants_is_not_asked_and_what_is_asked_ends() -> None:
    """A slider that has moved on: one solve ends, one never begins, the newest is answered."""
    holder = Slow()
    at_work, in_the_line, newest = (threading.Event() for _ in range(3))
    with users(holder) as them:
        them.ask("1", "a", at_work)
        until(lambda: holder.asked == ["1"])
        them.ask("2", "a", in_the_line)
        until(lambda: in_line(them) == 1)
        in_the_line.set()
        until(lambda: "2" in them.became)
        began = time.monotonic()
        at_work.set()
        until(lambda: "1" in them.became)
        assert time.monotonic() - began < 1
        them.ask("3", "a", newest)
    assert isinstance(them.became["1"], StoppedError)
    assert isinstance(them.became["2"], StoppedError)
    assert them.became["3"] == ("3", True)
    assert holder.asked == ["1", "3"]


def test_long_questions_leave_a_holder_to_the_others() -> None:
    """Two that take many solves and one that does not: that one is answered meanwhile."""
    one, two = Slow(), Slow()
    with users(one, two) as them:
        them.ask("long1", "a", question=scarce)
        them.ask("long2", "a", question=scarce)
        until(lambda: len(one.asked) + len(two.asked) == 1)
        two.goes_on.set()
        them.ask("short", "b")
        until(lambda: "short" in them.became)
        assert (one.asked, two.asked) == (["long1"], ["short"])
    assert them.became["long2"] == ("long2", True)


def test_nothing_waits_behind_questions_of_minutes_but_another_of_them() -> None:
    """They have a holder of their own, which is asked nothing else, not even where it is free."""
    one, apart = Slow(), Slow()
    with users(one, patient=(apart,)) as them:
        for name in ("t1", "t2"):
            them.ask(name, "a", question=target_levers, patient=True)
        until(lambda: apart.asked == ["t1"] and in_line(them) == 1)
        them.ask("proof", "a", question=final_difference, patient=True)
        until(lambda: one.asked == ["proof"])
        them.ask("short", "a")
        until(lambda: in_line(them) == 2)
        lines = [them.answers.line(("run", of, (name,)))
                 for of, name in ((target_levers, "t2"), (reasons, "short"))]  # fmt: skip
        assert [None if line is None else line.working for line in lines] == [
            (("target_levers", 0),), None,
        ]  # fmt: skip
        one.goes_on.set()
        until(lambda: "short" in them.became)
        assert one.asked == ["proof", "short"]
        assert apart.asked == ["t1"]
    assert them.became["t2"] == ("t2", True)


def test_who_waits_hears_what_comes_first() -> None:
    """What is worked on, and how many come before, as users take turns; patience has no end."""
    one, two = Slow(), Slow()
    with users(one, two) as them, mock.patch.object(answering, "PATIENCE", 0.0):
        them.ask("a", "eva", question=scarce)
        until(lambda: one.asked + two.asked == ["a"])
        for name, who in (("b", "ole"), ("c", "eva"), ("d", "ole"), ("e", "eva"), ("f", "ida")):
            them.ask(name, who, question=scarce, patient=True)
            until(lambda name=name: _line(them, name) is not None)  # type: ignore[misc]
        lines = {name: _line(them, name) for name in "abcdef"}
        assert lines.pop("a") is None
        assert {name: line.before for name, line in lines.items()} == {
            "b": 0, "c": 1, "d": 3, "e": 4, "f": 2,
        }  # fmt: skip
        assert {line.working for line in lines.values()} == {(("scarce", 0),)}
        one.goes_on.set()
        two.goes_on.set()
        until(lambda: len(them.became) == 6)
    assert not any(isinstance(answer, Exception) for answer in them.became.values())


def _line(them: Users, name: str) -> Any:
    return them.answers.line(("run", scarce, (name,)))


def test_who_waits_too_long_is_told_to_come_again() -> None:
    """And nothing of it stays in the line."""
    holder = Slow()
    with users(holder) as them, mock.patch.object(answering, "PATIENCE", 0.1):
        with them.answers.taken():
            them.ask("q", "a")
            until(lambda: "q" in them.became)
        assert isinstance(them.became["q"], BusyError)
        assert in_line(them) == 0
    assert holder.asked == []


def test_one_that_holds_the_run_is_asked_first() -> None:
    """Reading and solving a week takes longer than any question."""
    one, two = Slow(), Slow()
    two.holds = ["run"]
    with users(one, two) as them:
        two.goes_on.set()
        them.ask("q", "a")
        until(lambda: "q" in them.became)
    assert (one.asked, two.asked) == ([], ["q"])


@pytest.mark.parametrize("kind", [ValueError, TimeoutError])
def test_an_error_reaches_everybody_who_asked(kind: type[Exception]) -> None:
    """Also one that is called like the end of a wait; the next question is answered."""
    holder = Slow()
    with users(holder) as them:
        with mock.patch.object(holder, "answer", side_effect=kind("no")):
            them.ask("q", "a")
            until(lambda: "q" in them.became)
        assert isinstance(them.became["q"], kind)
        them.ask("r", "a")
        until(lambda: holder.asked == ["r"])
