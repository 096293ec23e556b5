"""Work in processes of its own: watched, stopped, killed, and seen by whoever comes next."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.ledger import Job, Ledger
from scenarios.population import Population, write
from scenarios.web import jobs, watching
from scenarios.web.jobs import Jobs
from tests.web.conftest import Browser, settings_of

SLEEPS = "import sys, time; sys.stdin.read(); time.sleep(60)"


def until(found: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that another process does."""
    ends = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < ends
        time.sleep(0.05)


def state(jobs: Jobs, job: Job) -> str:
    """State as a page shows it."""
    found = jobs.job(job.job_id)
    assert found is not None
    return found.state


@pytest.fixture
def sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that do nothing for a minute."""
    monkeypatch.setattr(jobs, "COMMAND", SLEEPS)


@pytest.mark.usefixtures("sleeping")
def test_a_job_that_is_stopped_ends_within_a_second(tmp_path: Path) -> None:
    """With all it has started; another process of the workbench sees it, and starts no second."""
    settings = settings_of(tmp_path)
    mine, others = Jobs(settings), Jobs(settings)
    job = mine.start_run(data="postgresql://eva:secret@host/base", by="eva")
    assert others.start_run().job_id == job.job_id
    assert [(one.state, one.asked_by) for one in others.jobs()] == [("running", "eva")]
    assert "secret" not in str(job.asked)
    assert "secret" not in Path(f"/proc/{job.process.split()[0]}/cmdline").read_text("utf-8")
    began = time.monotonic()
    others.cancel(job.job_id)
    assert time.monotonic() - began < 1
    assert state(mine, job) == "cancelled"
    assert mine.start_run().job_id != job.job_id
    mine.cancel(mine.jobs()[0].job_id)
    assert others.job("../other") is None
    assert others.lines("../other") == ()


@pytest.mark.usefixtures("sleeping")
def test_a_job_whose_process_was_killed_has_failed_and_holds_nothing(tmp_path: Path) -> None:
    """Nobody cleans up after it; the next one may start."""
    settings = settings_of(tmp_path)
    first = Jobs(settings)
    job = first.start_run()
    os.kill(int(job.process.split()[0]), signal.SIGKILL)
    until(lambda: state(first, job) == "failed")
    after_restart = Jobs(settings)
    again = after_restart.start_run()
    assert again.job_id != job.job_id
    after_restart.cancel(again.job_id)


@pytest.mark.usefixtures("sleeping")
def test_no_more_weeks_are_solved_at_once_than_may_be(tmp_path: Path) -> None:
    """The same week twice is one; a third one is told to come again."""
    mine = Jobs(settings_of(tmp_path))
    one, two = mine.start_sweep("a"), mine.start_sweep("b")
    assert mine.start_sweep("a").job_id == one.job_id
    with pytest.raises(jobs.BusyError):
        mine.start_sweep("c")
    mine.cancel(one.job_id)
    assert mine.start_sweep("c").state == "running"
    for job in mine.jobs():
        mine.cancel(job.job_id)
    assert state(mine, two) == "cancelled"


def test_a_run_from_the_page_is_watched_and_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on without whoever started it; people placed and bound are told as they improve."""
    tables = write(tmp_path / "tables", Population(citizens=40, openings=10))
    settings = settings_of(tmp_path / "runs")
    browser = Browser(settings).enter()
    started = browser.form("/jobs", source=str(tables))
    assert started.status_code == 303
    where = started.headers["location"]
    told = browser.get(f"{where}/events").text  # ends when the run does
    assert "event: over" in told
    assert told.startswith("retry: ")
    html = browser.get(where).text
    assert "People placed" in html
    assert "At most possible" in html
    assert "done" in html
    (job,) = Jobs(settings).jobs()
    with Ledger.open(settings.ledger) as ledger:
        (run,) = ledger.runs()
    assert job.progress["run_id"] == run.run_id
    assert job.progress["placed"] == job.progress["bound"] == run.placed
    assert job.progress["steps"][-1][1:] == [run.placed, run.placed]
    assert (browser.get("/").status_code, job.state, job.asked_by) == (200, "done", "local")
    # One that cannot be read says so on its page, and is over.
    shutil.rmtree(tables)
    monkeypatch.setattr(watching, "LOOKS", 0.1)
    failed = browser.form("/jobs", source=str(tables)).headers["location"]
    assert "event: over" in browser.get(f"{failed}/events").text
    assert "failed" in browser.get(failed).text
    assert Jobs(settings).jobs()[0].progress["code"] == 2


@pytest.mark.usefixtures("sleeping")
def test_work_is_started_watched_and_stopped_as_json(
    behind: Callable[..., Browser], browser: Browser
) -> None:
    """A planner starts a sweep and no run, sees no run; what is under way is given again."""
    asked = {"kind": "run", "source": "postgresql://eva:secret@host/base"}
    begun = browser.post("/api/v1/jobs", json=asked)
    job = begun.json()
    assert (begun.status_code, job["state"], job["kind"]) == (201, "running", "run")
    assert "secret" not in begun.text
    assert browser.post("/api/v1/jobs", json={"kind": "run"}).json()["job_id"] == job["job_id"]
    assert [one["job_id"] for one in browser.get("/api/v1/jobs").json()] == [job["job_id"]]
    assert browser.get(f"/api/v1/jobs/{job['job_id']}").json()["asked_by"] == "local"
    ended = browser.post(f"/api/v1/jobs/{job['job_id']}/cancel", json={}).json()
    assert ended["state"] == "cancelled"
    assert browser.get("/api/v1/jobs/none").status_code == 404
    assert browser.post("/api/v1/jobs", json={"kind": "other"}).status_code == 422
    planner = behind("plan")
    assert planner.post("/api/v1/jobs", json={"kind": "run"}).status_code == 403
    sweep = planner.post("/api/v1/jobs", json={"kind": "sweep"}).json()
    assert sweep["progress"]["rows"] == []
    assert [one["job_id"] for one in planner.get("/api/v1/jobs").json()] == [sweep["job_id"]]
    ended = planner.post(f"/api/v1/jobs/{sweep['job_id']}/cancel", json={}).json()
    assert ended["state"] == "cancelled"


def test_all_ready_scenarios_are_solved_in_a_process_of_their_own(
    behind: Callable[..., Browser], shared: Browser
) -> None:
    """Figures as they come; of few people none to a planner, who may not see runs of tables."""
    planner = behind("plan")
    where = planner.form("/jobs", kind="sweep").headers["location"]
    jobs = Jobs(shared.settings)
    name = where.rpartition("/")[2]
    until(lambda: len((jobs.job(name) or _none()).progress.get("rows", ())) >= 2)
    html = planner.get(where).text
    assert not re.search(r'<td class="n">[1-4]</td>', html)
    assert "What each scenario brings" in html
    assert planner.form(f"{where}/cancel").status_code == 303
    assert "cancelled" in planner.get(where).text
    assert planner.form("/jobs", source="x").status_code == 403
    row = (jobs.job(name) or _none()).progress["rows"][0]
    same = shared.post("/api/v1/levers", json={"pulled": {row["scenario"]: {}}}).json()
    assert same["summary"][1]["placements"] == row["placements"]


def _none() -> Job:
    raise AssertionError("the job is not there")


def test_watching_does_not_keep_a_session_open(browser: Browser) -> None:
    """A page that asks by itself is no use of it; every other answer begins the time anew."""
    settings = browser.settings
    with Ledger.open(settings.ledger) as ledger:
        ledger.begin_job("old", "run", {}, asked_by="x", machine="elsewhere")
        ledger.end_job("old", "done")
    assert "set-cookie" in browser.get("/jobs/old").headers
    assert "set-cookie" not in browser.get("/jobs/old/events").headers
