"""What the workbench promises, measured: one table.

    python -m benchmarks.web            the Aarhus week, a list of 100,000 people
    python -m benchmarks.web --smoke    a small week, 5,000 people; gates on answers, not on times
    python -m benchmarks.web --only lever cancel

A server of its own on loopback with its ledger; users come by HTTP as a proxy names them. The
lever is measured in a chromium of the machine as well, where there is one and playwright: from the
hand letting go to the page that stands repainted.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import httpx
import psutil

from benchmarks.results import note
from matcher import run_week
from matcher.row_kinds import CASELOAD, MENTOR_HOURS, RowKind
from scenarios import make_tables

COMMAND = "from scenarios.cli import main; main()"
POLICY = """
[serve]
proxies = ["127.0.0.1"]
hosts = ["127.0.0.1:{port}"]
data_team = ["data"]
"""
USERS = 5
CHANGES = 8
"""Changes of each user."""
LOOKS = (1.0, 3.0)
"""Seconds that a user looks at an answer before the next change, from and to."""
LEVERS = (
    ("more_mentor_hours", "hours", tuple(range(10, 200, 10)), CASELOAD),
    ("more_follow_up", "placements", tuple(range(1, 11)), MENTOR_HOURS),
    ("more_class_seats", "seats", tuple(range(1, 11)), MENTOR_HOURS),
    ("budget_cut", "left", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), MENTOR_HOURS),
    ("private_openings", "openings", tuple(range(10, 110, 10)), MENTOR_HOURS),
)  # fmt: skip
"""What each user moves, the values they may choose, and of what kind of resource they have taken
some more before: each user so much that nobody's answer is there already."""
INSTANT = (
    "budget_cut", "more_class_seats", "more_follow_up", "more_mentor_hours", "ratio_cap_lifted",
    "lower_language_floor",
)  # fmt: skip
"""Ready scenarios that touch capacities, budgets, weights or floors, and make no openings."""
IN_THE_PAGE = """async ([name, values, least, most]) => {
  const wait = time => new Promise(done => setTimeout(done, time));
  const slide = document.querySelector(`input[type=range][name^="${name}."]`);
  const place = document.getElementById("answer");
  const times = [];
  let begun = false;
  new MutationObserver(() => { begun = begun || place.hasAttribute("aria-busy"); })
    .observe(place, { attributes: true });
  for (const value of values) {
    begun = false;
    slide.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    slide.value = value;
    slide.dispatchEvent(new Event("input", { bubbles: true }));
    const began = performance.now();
    slide.dispatchEvent(new Event("change", { bubbles: true }));
    while (!begun || place.hasAttribute("aria-busy")) await wait(5);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - began);
    await wait(1000 * (least + (most - least) * Math.random()));
  }
  return times;
}"""


@dataclass
class Served:
    """A running workbench."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    ready: float
    """When it said that it is ready."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def user(self, name: str) -> httpx.Client:
        """Somebody whom the proxy names."""
        headers = {"X-Remote-User": name, "X-Remote-Groups": "data"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=120)

    def memory(self) -> dict[str, float]:
        """Megabytes of the server and of the processes that hold the week, shared parts divided."""
        own = psutil.Process(self.process.pid)
        others = own.children(recursive=True)
        return {"server": _megabytes([own]), "holders": _megabytes(others)}

    def computed(self) -> float:
        """Processor time of the processes that hold the week, seconds."""
        others = psutil.Process(self.process.pid).children(recursive=True)
        return sum(one.cpu_times().user for one in others)


def _megabytes(processes: Sequence[psutil.Process]) -> float:
    """Megabytes of memory; what several share counts as a part of each, where that is known."""
    told = [one.memory_full_info() for one in processes]
    return sum(getattr(one, "pss", one.uss) for one in told) / 1e6


def serve(folder: Path, stack: ExitStack) -> Served:
    """Start the command on a ledger, and wait until it says that it is ready."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    policy = folder / "policy.toml"
    policy.write_text(POLICY.format(port=port), "utf-8")
    log = stack.enter_context((folder / "server.log").open("w"))
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--out", str(folder), "--port", str(port),
         "--policy", str(policy)],
        stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder,
    )  # fmt: skip
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)
    assert process.stdout is not None
    stack.enter_context(process.stdout)
    next(line for line in process.stdout if "http://" in line)
    return Served(folder, port, process, time.perf_counter())


def first_page(served: Served) -> Mapping[str, float]:
    """From "ready" to this week on the screen: the page, its styles, its script."""
    with served.user("eva") as eva:
        page = eva.get("/")
        assert page.status_code == 200
        for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
            assert eva.get(path).status_code == 200
    return {"first page after ready": time.perf_counter() - served.ready}


def prepared(served: Served) -> None:
    """Wait until what is prepared is there: not part of any figure but the one it is told in."""
    with served.user("eva") as eva:
        assert eva.get("/levers?on=more_mentor_hours").status_code == 200
        assert eva.get("/scarce").status_code == 200


def standing(served: Served, kind: RowKind, number: int) -> str:
    """What a user has taken before: so many more of the first resource of a kind."""
    from matcher.ledger import Ledger
    from scenarios.web.pulled import More

    with Ledger.open(served.folder / "ledger.sqlite") as ledger:
        problem = ledger.problem(ledger.runs(most=1)[0].run_id)
    return More(kind.id, str(problem[kind.table][kind.key].iloc[0]), 1 + number).name


def one_user(
    served: Served, number: int, looks: tuple[float, float], changes: int = CHANGES
) -> dict[str, list[float]]:
    """One user's changes, each another value: seconds from asking to the whole answer, by lever.

    An answer whose proof takes longer stands as soon as the best plan so far does.
    """
    drawn = random.Random(number)
    name, key, values, kind = LEVERS[number % len(LEVERS)]
    taken = standing(served, kind, number)
    times = []
    with served.user(f"user{number}") as user:
        for value in drawn.sample(values, min(changes, len(values))):
            began = time.perf_counter()
            asked = {"on": name, f"{name}.{key}": value, "more": taken}
            answer = user.get("/levers", params=asked)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200
            # A lever that is refused is answered at once, and would flatter the figure.
            refused = re.search(r'class="alert"[^<]*', answer.text)
            assert refused is None, refused[0]
            assert 'class="number"' in answer.text
            assert f'value="{taken}"' in answer.text  # else it is what another user asked
            time.sleep(drawn.uniform(*looks))
    return {name: times}


def lever(served: Served, looks: tuple[float, float] = LOOKS) -> Mapping[str, float]:
    """Alone, each lever in turn; then five at once, each on another one."""
    prepared(served)
    figures: dict[str, float] = {}
    alone: list[float] = []
    for number in range(len(LEVERS)):
        ((name, times),) = one_user(served, number, (0.0, 0.1)).items()
        alone += times
        figures[f"lever {name}, one user, median"] = statistics.median(times)
    with ThreadPoolExecutor(USERS) as pool:
        parts = list(pool.map(lambda at: one_user(served, at, looks), range(6, 6 + USERS)))
    five = [took for part in parts for times in part.values() for took in times]
    for part in parts:
        for name, times in part.items():
            figures[f"lever {name}, {USERS} users at once, p95"] = percentile(times, 95)
    figures |= {
        "lever, one user, median": statistics.median(alone),
        "lever, one user, p95": percentile(alone, 95),
        f"lever, {USERS} users at once, median": statistics.median(five),
        f"lever, {USERS} users at once, p95": percentile(five, 95),
    }
    figures["the same lever of five at once, times one"] = same_of_five(served)
    figures |= beside(served)
    painted = in_browsers(served, looks)
    if painted:
        figures[f"lever to repainted page, {USERS} browsers at once, p95"] = percentile(painted, 95)
        figures["lever to repainted page, median"] = statistics.median(painted)
    return figures


def beside(served: Served) -> Mapping[str, float]:
    """A lever while a question of minutes is worked on and another waits: each lever in turn."""
    asked = ({"money": 500_000}, {"money": 400_000})
    with ExitStack() as stack:
        others = [stack.enter_context(served.user(f"patient{at}")) for at in range(len(asked))]
        for other, what in zip(others, asked, strict=True):
            assert other.get("/target", params=what).status_code == 200
        times = []
        for number in range(len(LEVERS)):
            # Nobody's answer yet: the users before have had other numbers.
            ((_, took),) = one_user(served, number + 20 * len(LEVERS), (0.0, 0.1), 4).items()
            times += took
        still = 0
        for other, what in zip(others, asked, strict=True):
            page = other.get("/target", params=what).text
            stops = re.search(r'action="(/answers/\w+/stop)"', page)
            token = re.search(r'name="csrf" value="(\w+)"', page)
            assert token is not None
            if stops is not None:
                still += 1
                other.post(stops[1], data={"csrf": token[1], "back": "/target"})
    return {
        "lever beside questions of minutes, one user, median": statistics.median(times),
        "lever beside questions of minutes, one user, p95": percentile(times, 95),
        "questions of minutes that outlasted it, times": still,
    }


def same_of_five(served: Served) -> float:
    """How much more is computed for one new answer that five ask for, than for one that one asks.

    In processor time of the processes that answer, so that other work on the machine counts little.
    """

    def asks(who: int, value: int) -> None:
        with served.user(f"user{who}") as user:
            asked = {"on": "more_mentor_hours", "more_mentor_hours.hours": value}
            assert user.get("/levers", params=asked).status_code == 200

    ratios = []
    for at in range(3):
        began = served.computed()
        asks(0, 31 + 2 * at)
        alone = served.computed() - began
        with ThreadPoolExecutor(USERS) as pool:
            list(pool.map(asks, range(USERS), [32 + 2 * at] * USERS))
        ratios.append((served.computed() - began - alone) / alone)
    return statistics.median(ratios)


def percentile(values: Sequence[float], percent: int) -> float:
    """Value that so many per cent do not pass."""
    return sorted(values)[min(len(values) - 1, -(-len(values) * percent // 100) - 1)]


def in_browsers(served: Served, looks: tuple[float, float]) -> list[float]:
    """The same in a real browser: nothing where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    if program is None:
        return []
    with sync_playwright() as playwright:
        alone = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=alone)
        pages = []
        for number in range(USERS):
            context = browser.new_context(extra_http_headers={
                "X-Remote-User": f"person{number}", "X-Remote-Groups": "data"})  # fmt: skip
            page = context.new_page()
            name, _, choice, kind = LEVERS[number]
            page.goto(f"{served.base}/levers?more={standing(served, kind, 100 + number)}")
            values = random.Random(100 + number).sample(choice, min(CHANGES, len(choice)))
            page.evaluate(
                f"given => {{ window.measured = ({IN_THE_PAGE})(given); }}", [name, values, *looks]
            )
            pages.append(page)
        times = [took / 1000 for page in pages for took in page.evaluate("window.measured")]
        browser.close()
    return times


def instant(folder: Path) -> Mapping[str, float]:
    """From a change of tables or policy in memory to the verified plan and its difference."""
    from matcher.ledger import Ledger
    from matcher.solve import Options, solve
    from scenarios.compare import compare
    from scenarios.patch import apply, library
    from scenarios.sweep.one import make_ready, solve_base, solve_one

    with Ledger.open(folder / "ledger.sqlite") as ledger:
        problem = ledger.problem(ledger.runs(most=1)[0].run_id)
    week, base = solve_base(problem, Options())
    make_ready(week)
    medians, processor = [], []
    for name in INSTANT:
        scenario = library().scenarios[name]
        took, used = [], []
        for _ in range(3):
            began, spent = time.perf_counter(), time.process_time()
            after = solve_one(week, scenario)
            compare([base, after])
            took.append(time.perf_counter() - began)
            used.append(time.process_time() - spent)
        medians.append(statistics.median(took))
        processor.append(statistics.median(used))
        cold = solve(apply(problem, scenario).problem).plan
        assert after.placed == len(cold.placements), name
        assert [one.value for one in after.tiers] == [one.value for one in cold.tiers], name
        print(f"  {name:24} {medians[-1]:.3f} s, {processor[-1]:.3f} s of processor", flush=True)
    return {"a change in memory to the difference, median": statistics.median(medians),
            "its processor time, median": statistics.median(processor)}  # fmt: skip


def filters(folder: Path, people: int) -> Mapping[str, float]:
    """Answer filters over a list of so many people: the whole page, as a user gets it."""
    import asyncio
    import datetime as dt

    from matcher.policy import Serve
    from scenarios.web import Settings, build
    from scenarios.web.lists import lists_of
    from scenarios.web.weeks import Weeks

    rules = Serve(valid_from=dt.date(2022, 1, 1), source="benchmark")
    settings = Settings(folder / "ledger.sqlite", folder, rules, key=b"k" * 32)
    weeks = Weeks(settings)
    run = weeks.run(None)
    assert run is not None
    document = dict(weeks.document(run.run_id))
    times = -(-people // (len(document["proposals"]) + len(document["unplaced"])))
    for part in ("proposals", "unplaced"):
        document[part] = [{**one, "citizen_id": f"{one['citizen_id']}-{at}"}
                          for at in range(times) for one in document[part]]  # fmt: skip
    many = lists_of(document, None, None, lambda one: weeks.row_of(run.run_id, one))
    door = build(settings, weeks)
    asked = ("?oral=2", "?cause=resource", "?stopped=commute&oral=1", "?cause=proposed&page=9",
             "?district=8000", "?sure=close")  # fmt: skip
    took = []

    async def ask() -> None:
        transport = httpx.ASGITransport(door)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as eva:
            await eva.get(door.address())
            await eva.get("/people")
            for _ in range(3):
                for query in asked:
                    began = time.perf_counter()
                    answer = await eva.get(f"/people{query}")
                    took.append(time.perf_counter() - began)
                    assert answer.status_code == 200

    with mock.patch.object(weeks, "lists", return_value=many):
        asyncio.run(ask())
    return {f"filter of {people:,} people, p95": percentile(took, 95)}


def cancel(served: Served) -> Mapping[str, float]:
    """From pushing the button to the job that is over."""
    with served.user("eva") as eva:
        found = re.search(r'name="csrf" value="(\w+)"', eva.get("/levers").text)
        assert found is not None
        form = {"csrf": found[1], "kind": "sweep"}
        where = eva.post("/jobs", data=form).headers["location"]
        time.sleep(3)  # so that it solves
        began = time.perf_counter()
        eva.post(f"{where}/cancel", data=form, follow_redirects=True)
        took = time.perf_counter() - began
        assert "cancelled" in eva.get(where).text
    return {"cancel": took}


def memory(served: Served) -> Mapping[str, float]:
    """What each user beyond the first adds to the server."""
    prepared(served)
    pages = ("/", "/people", "/openings", "/decide", "/levers", "/weeks", "/scarce")

    def looks(name: str) -> None:
        with served.user(name) as user:
            for path in pages:
                assert user.get(path).status_code == 200
            rows = re.findall(r"/case/[0-9a-f]{16}", user.get("/people?cause=proposed").text)
            user.get(rows[hash(name) % len(rows)])
            assert user.get("/levers?on=budget_cut").status_code == 200

    looks("first")
    before = served.memory()
    for number in range(USERS):
        looks(f"further{number}")
    after = served.memory()
    return {
        "memory per further user": max(0.0, sum(after.values()) - sum(before.values())) / USERS,
        "memory of the server": after["server"],
        "memory of what holds the week": after["holders"],
    }


def install() -> Mapping[str, float]:
    """What the extra brings that the engine alone does not."""

    def closure(names: set[str]) -> set[str]:
        from packaging.requirements import Requirement

        known: set[str] = set()
        while names - known:
            name = (names - known).pop()
            known.add(name)
            for text in importlib.metadata.requires(name) or ():
                one = Requirement(text)
                if one.marker is None or one.marker.evaluate({"extra": ""}):
                    names.add(one.name.lower().replace("_", "-"))
        return known

    base = {"ortools", "numpy", "scipy", "pandas", "pydantic", "typer", "rich", "sqlalchemy",
            "alembic", "tzdata", "holidays"}  # fmt: skip
    extra = closure({"fastapi", "uvicorn", "jinja2", "python-multipart"}) - closure(base)
    size = sum(
        Path(str(file.locate())).stat().st_size
        for name in extra
        for file in importlib.metadata.files(name) or ()
        if Path(str(file.locate())).is_file()
    )
    return {"install of the extra": size / 1e6}


MOST_INSTALL = 30.0
"""Megabytes that the extra may bring."""
MOST_SAME = 2.5
"""Times as much that may be computed for one answer to five as to one: it is asked once."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.web", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--smoke", action="store_true", help="A small week.")
    parts = ("first", "lever", "cancel", "memory", "instant", "filter", "install")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    given = parser.parse_args()
    people = 5_000 if given.smoke else 100_000
    size = {"citizens": 80, "openings": 20} if given.smoke else {}
    looks = (0.0, 0.1) if given.smoke else LOOKS
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        ledger = folder / "ledger.sqlite"
        run_week(make_tables(**size), folder, on="2026-11-23", ledger=ledger, explain=False)
        if {"first", "lever", "cancel", "memory"} & set(given.only):
            served = serve(folder, stack)
            figures |= first_page(served) if "first" in given.only else {}
            figures |= memory(served) if "memory" in given.only else {}
            figures |= lever(served, looks) if "lever" in given.only else {}
            figures |= cancel(served) if "cancel" in given.only else {}
        in_memory: dict[str, Callable[[], Mapping[str, float]]] = {
            "instant": lambda: instant(folder),
            "filter": lambda: filters(folder, people),
            "install": install,
        }
        for part, measured in in_memory.items():
            figures |= measured() if part in given.only else {}
    print("| figure | value |\n|---|---:|")
    for figure, value in figures.items():
        unit = "MB" if figure.startswith(("memory", "install")) else "s"
        unit = "" if "times" in figure else unit
        note("web", figure, value, unit)
        print(f"| {figure} | {value:.2f} {unit} |")
    too_large = figures.get("install of the extra", 0.0) > MOST_INSTALL
    several = figures.get("the same lever of five at once, times one", 0.0) > MOST_SAME
    return int(too_large or several)


if __name__ == "__main__":
    sys.exit(main())
