"""Scenarios that people keep by a name: in the ledger, so that all see them, and after a restart.

What is kept is what the address of the levers says, and the file that `jobmatch whatif` runs.
Nothing of it is about a citizen, so every role sees them all.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from matcher.clock import now
from matcher.cpr import looks_like_cpr
from matcher.errors import OptionError
from matcher.ledger import SavedScenario
from matcher.texts import Message
from scenarios.patch import library, read_text
from scenarios.web.forms import checked
from scenarios.web.levers import all_read, asked_pulled, toml_file
from scenarios.web.looking import shown_run, stored_run
from scenarios.web.pulled import PulledLevers, levers_of
from scenarios.web.records import MOST_TITLE, ScenarioIn, ScenarioRecord
from scenarios.web.rendering import PageRequest, Who

router = APIRouter()
json_router = APIRouter()
ABSENT, REFUSED, MADE = 404, 403, 201
MOST_NAME = 48
"""Letters of a name."""
_MARK = 4
"""Bytes of the mark of a title in another script."""
_LETTERS = {"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"}


def saved_of(who: PageRequest) -> tuple[SavedScenario, ...]:
    """Return the scenarios that are kept, newest first; none where there is no ledger yet."""
    if who.weeks.run(None) is None:
        return ()
    with who.weeks.ledger() as ledger:
        return ledger.scenarios()


def name_of(title: str) -> str:
    """Make the name of a scenario of its title: small letters, digits and underscores.

    A title with letters that have no such spelling, as in another script, gets a mark of its own,
    so that two of them are not one name. Empty: there is neither letter nor digit in it.
    """
    said = [_spelt(one) for one in title.casefold()]
    plain = re.sub(r"[^a-z0-9]+", "_", "".join(said)).strip("_")[:MOST_NAME].rstrip("_")
    lost = any(
        one.isalnum() and not spelt for one, spelt in zip(title.casefold(), said, strict=True)
    )
    if not lost:
        return plain
    mark = hashlib.blake2b(title.casefold().encode(), digest_size=_MARK).hexdigest()
    return f"{plain[: MOST_NAME - len(mark) - 1].rstrip('_') or 'scenario'}_{mark}"


def _spelt(letter: str) -> str:
    """Write a letter as those of a name; what is none of a word stays, and is no part of it."""
    if letter in _LETTERS:
        return _LETTERS[letter]
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or ("" if letter.isalnum() else "_")


def keep(who: PageRequest, run_id: str, title: str, pulled: PulledLevers) -> SavedScenario:
    """Keep what is pulled under a title.

    Raises
    ------
    OptionError
        Nothing is pulled, there is no title or a long one, it names a person, or there is one of
        that name, kept or ready.
    """
    title = " ".join(title.split())
    name = name_of(title)
    if not pulled.anything:
        raise OptionError(Message("web.no_lever"))
    if not name or len(title) > MOST_TITLE:
        raise OptionError(Message("web.scenario_title", most=MOST_TITLE))
    if looks_like_cpr(title):
        raise OptionError(Message("web.scenario_cpr"))
    if name in library().scenarios:
        raise OptionError(Message("web.scenario_ready", title=title))
    made = SavedScenario(
        name=name, title=title, query=pulled.query, content=pulled.toml(name, title),
        run_id=run_id, made_by=who.viewer.name, made_at=now(),
    )  # fmt: skip
    read_text(made.content, f"{name}.toml")
    with who.weeks.ledger() as ledger:
        if not ledger.save_scenario(made):
            raise OptionError(Message("web.scenario_there", title=title))
    return made


def found_scenario(who: PageRequest, name: str) -> SavedScenario:
    """Return a scenario that is kept.

    Raises
    ------
    HTTPException
        There is none of that name.
    """
    found = next((one for one in saved_of(who) if one.name == name), None)
    if found is None:
        raise HTTPException(ABSENT, detail=who.say("no_scenario"))
    return found


def may_delete(who: PageRequest, one: SavedScenario) -> bool:
    """Whether a viewer may delete it: who made it, and the data team."""
    return who.viewer.role == "data" or one.made_by == who.viewer.name


def forget(who: PageRequest, name: str) -> None:
    """Delete a scenario that is kept.

    Raises
    ------
    HTTPException
        There is none of that name, or somebody else has made it.
    """
    found = found_scenario(who, name)
    if not may_delete(who, found):
        raise HTTPException(REFUSED, detail=who.say("not_yours"))
    with who.weeks.ledger() as ledger:
        if not ledger.delete_scenario(found):  # somebody was faster, or keeps another by now
            raise HTTPException(ABSENT, detail=who.say("no_scenario"))


@router.get("/scenarios", response_class=HTMLResponse)
def scenarios(who: Who) -> Response:
    """Show the scenarios that are kept, and the ready ones as buttons."""
    run = shown_run(who)
    return who.page(
        "scenarios", who.say("scenarios"), "levers", run=run,
        saved=[(one, may_delete(who, one)) for one in saved_of(who)],
        ready=levers_of({}, (), who.language),
    )  # fmt: skip


@router.post("/scenarios")
async def save(who: Who, request: Request) -> Response:
    """Keep what is pulled under a name."""
    form = await checked(request, who)
    return await run_in_threadpool(_save, who, form.get("title", ""), form.get("q", ""))


def _save(who: PageRequest, title: str, query: str) -> Response:
    run = shown_run(who)
    keep(who, run.run_id, title, asked_pulled(who, run.run_id, query))
    return RedirectResponse(who.at("/scenarios"), 303)


@router.get("/scenarios/{name}.toml")
def scenario_file(who: Who, name: str) -> Response:
    """Give a scenario as the file that ``jobmatch whatif`` runs."""
    return toml_file(found_scenario(who, name).content, name)


@router.post("/scenarios/{name}/delete")
async def delete(who: Who, name: str, request: Request) -> Response:
    """Delete a scenario."""
    await checked(request, who)
    await run_in_threadpool(forget, who, name)
    return RedirectResponse(who.at("/scenarios"), 303)


def _record(one: SavedScenario) -> ScenarioRecord:
    return ScenarioRecord(
        name=one.name, title=one.title, query=one.query, toml=one.content, made_by=one.made_by
    )


@json_router.get("/scenarios")
def scenarios_json(who: Who) -> list[ScenarioRecord]:
    """List the scenarios that are kept, newest first, then the ready ones."""
    ready = [
        ScenarioRecord(name=name, title=one.title.of(who.language), query=f"on={name}")
        for name, one in library().scenarios.items()
    ]
    return [*(_record(one) for one in saved_of(who)), *ready]


@json_router.get("/scenarios/{name}")
def scenario_json(who: Who, name: str) -> ScenarioRecord:
    """Give a scenario that is kept."""
    return _record(found_scenario(who, name))


@json_router.post("/scenarios", status_code=MADE)
def save_json(who: Who, given: ScenarioIn) -> ScenarioRecord:
    """Keep a scenario under a title."""
    run = stored_run(who, given.run_id)
    pulled = asked_pulled(who, run.run_id, given.query)
    all_read(who, given.query, pulled)
    return _record(keep(who, run.run_id, given.title, pulled))


@json_router.delete("/scenarios/{name}", status_code=204)
def delete_json(who: Who, name: str) -> None:
    """Delete a scenario: who made it, or the data team."""
    forget(who, name)
