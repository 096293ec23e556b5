"""Rows of work under way: one slot, beside the lock of a run, on both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import sqlalchemy as sa

from matcher.ledger import Ledger
from matcher.ledger.schema import JOBS
from matcher.ledger.stored_jobs import KEPT_JOBS


def begun(ledger: Ledger, name: str, slot: str | None = None) -> bool:
    """Note a job; whether it may start."""
    return ledger.begin_job(name, "run", {"source": "tables"}, asked_by="eva", machine="here",
                            slot=slot)  # fmt: skip


def test_a_slot_is_held_by_one_job_until_it_is_over(ledger: Ledger, store: str) -> None:
    """Whoever asks second starts nothing; another process sees the one that runs."""
    with Ledger.open(store) as other:
        assert begun(ledger, "one", "run")
        assert not begun(other, "two", "run")
        assert begun(other, "free")
        assert [job.job_id for job in other.jobs()] == ["free", "one"]
        assert ledger.end_job("one", "done", {"run_id": "r"})
        assert not other.end_job("one", "failed")
        one = other.job("one")
        assert one is not None
        assert (one.state, one.progress, one.asked_by) == ("done", {"run_id": "r"}, "eva")
        assert one.ended_at is not None
        assert begun(other, "two", "run")
        assert ledger.job("nothing") is None


def test_a_job_is_told_of_while_a_run_holds_the_ledger(ledger: Ledger, store: str) -> None:
    """A run holds it from its tables to its end, and is to be watched all the while."""
    begun(ledger, "one", "run")
    with Ledger.open(store, wait=0.0) as other, other.lock():
        assert ledger.tell_job("one", {"placed": 3}, process="7 8")
        assert other.tell_job("one", {"placed": 4})
        job = ledger.job("one")
    assert job is not None
    assert (job.progress, job.process) == ({"placed": 4}, "7 8")
    assert job.beat_at >= job.started_at


def test_who_notes_while_a_run_is_stored_waits_for_it(ledger: Ledger, store: str) -> None:
    """And does not make it fail: a run is stored by a transaction that reads before it writes."""
    for name in ("one", "two"):
        assert begun(ledger, name)
    change = sa.update(JOBS).where(JOBS.c.job_id == "two").values(progress={"placed": 9})
    with Ledger.open(store) as other, ThreadPoolExecutor(1) as pool:
        with ledger.writing() as connection:
            assert len(connection.execute(sa.select(JOBS)).all()) == 2
            told = pool.submit(other.tell_job, "one", {"placed": 3})
            wait([told], timeout=0.3)  # a base that locks whole files lets it wait for the end
            connection.execute(change)
        assert told.result(timeout=30)
    assert {one.job_id: one.progress["placed"] for one in ledger.jobs()} == {"one": 3, "two": 9}


def test_a_job_hears_that_it_is_to_end(ledger: Ledger) -> None:
    """At its next beat; and one that is over is told nothing any more."""
    begun(ledger, "one")
    assert ledger.tell_job("one")
    ledger.ask_job_to_end("one")
    assert not ledger.tell_job("one")
    ledger.end_job("one", "cancelled")
    assert not ledger.tell_job("one", {"placed": 1})
    job = ledger.job("one")
    assert job is not None
    assert (job.state, job.progress) == ("cancelled", {})


def test_old_jobs_are_forgotten_and_running_ones_never(ledger: Ledger) -> None:
    """A page lists the newest."""
    begun(ledger, "long")
    for number in range(KEPT_JOBS + 3):
        begun(ledger, f"n{number:03}")
        ledger.end_job(f"n{number:03}", "done")
    begun(ledger, "last")
    names = [job.job_id for job in ledger.jobs()]
    assert len(names) == KEPT_JOBS + 2
    assert {"long", "last"} <= set(names)
    assert "n000" not in names
