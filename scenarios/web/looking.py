"""Pages to look at: this week, people, openings, weeks; each figure leads to the list behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from matcher import clock
from matcher.decisions import OTHERS, rates
from matcher.ledger import Difference, Run, difference
from matcher.report import Words, headline, masked, sections
from scenarios.web.exporting import csv_of, xlsx_of
from scenarios.web.forms import came_from, checked
from scenarios.web.lists import (
    LACKED,
    OF_OPENINGS,
    OF_PEOPLE,
    PAGE,
    UNKNOWN,
    ListTable,
    of_figures,
    with_decisions,
)
from scenarios.web.naming import Names
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.safety import LANGUAGE_COOKIE, chosen_of
from scenarios.web.stepping_in import earlier_lines, target_lines

router = APIRouter()
ABSENT = 404
MOST_CHANGES = 200
"""People of a difference that are listed, of each kind."""
OF_FEW = frozenset({"filled", "possible", "reach", "new", "lost", "moved", "back_ups"})
"""Columns that count people."""


def shown_run(who: PageRequest) -> Run:
    """Return the run that is asked about; where there is none yet, the way to the first one.

    Raises
    ------
    HTTPException
        There is none: leads to the page of data or of the job that makes it.
    """
    run = who.run()
    if run is None:
        raise HTTPException(303, headers={"Location": who.at("/jobs")})
    return run


def stored_run(who: PageRequest, run_id: str = "") -> Run:
    """Return the run that data is asked about: the one named, else that of the address.

    Raises
    ------
    HTTPException
        There is none yet.
    UnknownRunError
        None of that name.
    """
    run = who.weeks.run(run_id or who.run_id or None)
    if run is None:
        raise HTTPException(ABSENT, detail=who.say("no_run"))
    return run


@router.get("/", response_class=HTMLResponse)
def week(who: Who) -> Response:
    """Show this week: headline, pace, where people are, what is scarce."""
    run = shown_run(who)
    document, words, names = (
        who.weeks.document(run.run_id),
        who.words,
        Names(who.language),
    )
    head, figures = document["headline"], document["figures"]
    lines = _other_lines(headline(document).lines(who.language), words)
    return who.page(
        "week", who.say("week"), "week", run=run, document=document, head=head,
        lines=lines if who.viewer.sees_persons else lines[-1:],
        outcomes=[
            (names.cause(cause), count, {"cause": cause})
            for cause, count in figures["outcomes"].items() if count
        ],
        measures=[
            (who.pick(document["measures"][row["measure"]]), row["proposals"],
             {"measure": row["measure"]})
            for row in figures["measures"] if row["proposals"]
        ],
        lost=[
            (names.row(row["rule"]), row["citizens"],
             {"cause": "resource", "stopped": LACKED + row["rule"]})
            for row in figures["lost_on"]
        ],
        sectors=figures["sectors"], districts=figures["districts"],
        maps=sections.maps(figures["districts"], words),
        resources=[
            {**row, "name": names.row(row["rule"]), "used": names.units(row["used"], row["unit"]),
             "capacity": names.units(row["capacity"], row["unit"])}
            for row in figures["resources"] if not row["floor"]
        ],
        levels=figures["levels"],
        shown=lambda count: who.figure(count) is not None,
    )  # fmt: skip


def _other_lines(lines: Sequence[str], words: Words) -> list[str]:
    """Leave out of the headline what the page says larger: made up, how many, and the proof."""
    said = {words("headline.made_up"), words("headline.proven_line")}
    first = next((at for at, line in enumerate(lines) if line not in said), 0)
    return [line for at, line in enumerate(lines) if line not in said and at != first]


def filters_of(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    """Read what is asked of a list; an empty value asks nothing."""
    given = request.query_params
    return {name: given[name] for name in known if given.get(name)}


def page_of(request: Request, rows: int) -> tuple[int, int]:
    """Read the page that is asked for and count the pages; one beyond the last is the last."""
    pages = max(1, -(-rows // PAGE))
    text = request.query_params.get("page", "1")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
    return min(max(asked, 1), pages), pages


def people_of(who: PageRequest, run_id: str) -> ListTable:
    """People of a run with what was decided; of a caseworker, those of their own teams."""
    lists = who.weeks.lists(run_id)
    verdicts = {one: said.verdict for one, said in who.weeks.decisions(run_id).items()}
    return with_decisions(lists.people, verdicts)


def openings_of(who: PageRequest, run_id: str) -> ListTable:
    """List the openings of a run as a viewer may see them."""
    return of_figures(who.weeks.lists(run_id).openings, who.few)


def allowed(who: PageRequest, table: ListTable) -> Any:
    """Rows that a viewer may see; of a planner, who sees figures alone, those that are counted."""
    everyone = table.mask({})
    if who.viewer.role == "caseworker":
        everyone &= table.frame["team"].isin(who.viewer.teams).to_numpy()
    return everyone


@router.get("/people", response_class=HTMLResponse)
def people(who: Who, request: Request) -> Response:
    """Show people, filtered; a planner sees figures alone."""
    run = shown_run(who)
    table = people_of(who, run.run_id)
    asked = filters_of(request, OF_PEOPLE)
    kept = table.mask(asked) & allowed(who, table)
    if not who.viewer.sees_persons:
        return _figures(who, run, table, asked, kept)
    if form := request.query_params.get("as"):
        return _export(who, form, "people", table, kept)
    page, pages = page_of(request, int(kept.sum()))
    return who.page(
        "people", who.say("people"), "people", run=run,
        rows=table.rows(kept, (page - 1) * PAGE, PAGE), names=Names(who.language),
        deep=who.weeks.lists(run.run_id).deep,
        **_listed(who, "/people", table, asked, OF_PEOPLE, kept, page, pages),
    )  # fmt: skip


@router.get("/openings", response_class=HTMLResponse)
def openings(who: Who, request: Request) -> Response:
    """Show openings, filtered."""
    run = shown_run(who)
    table = openings_of(who, run.run_id)
    asked = filters_of(request, OF_OPENINGS)
    kept = table.mask(asked)
    if form := request.query_params.get("as"):
        return _export(who, form, "openings", table, kept)
    page, pages = page_of(request, int(kept.sum()))
    return who.page(
        "openings", who.say("openings"), "openings", run=run,
        rows=coarse(who, table.rows(kept, (page - 1) * PAGE, PAGE)),
        names=Names(who.language, openings=True),
        **_listed(who, "/openings", table, asked, OF_OPENINGS, kept, page, pages),
    )  # fmt: skip


def coarse(who: PageRequest, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out counts of few people where a planner looks; of others everything stays."""
    if who.viewer.sees_persons:
        return rows
    return [
        {name: who.figure(value) if name in OF_FEW else value for name, value in row.items()}
        for row in rows
    ]


def _listed(
    who: PageRequest, path: str, table: ListTable, asked: Mapping[str, str], known: tuple[str, ...],
    kept: Any, page: int, pages: int,
) -> dict[str, Any]:  # fmt: skip
    """Collect what every list shows: filters with their values, how many there are, pages."""
    measures = who.weeks.document(shown_run(who).run_id)["measures"]
    names = Names(who.language, measures, openings=path == "/openings")
    return {
        "path": path,
        "asked": asked,
        "filters": [
            (name, who.say(f"filter_{name}"),
             [(value, names.value(name, value)) for value in table.values(name)])
            for name in known if table.values(name)
        ],
        "count": int(kept.sum()),
        "all": len(table),
        "page": page,
        "pages": pages,
        "first": (page - 1) * PAGE + 1,
        "chips": [
            # What no row has comes from an address that somebody wrote.
            (f"{who.say(f'filter_{name}')}: "
             f"{names.value(name, value) if value in table.values(name) else value}",
             who.at(path, **{other: said for other, said in asked.items() if other != name}))
            for name, value in asked.items()
        ],
        "unknown": UNKNOWN,
    }  # fmt: skip


def _figures(
    who: PageRequest, run: Any, table: ListTable, asked: Mapping[str, str], kept: Any
) -> Response:
    """Show how many people there are by group: none below the fewest, and no person."""
    names = Names(who.language, who.weeks.document(run.run_id)["measures"])
    total = int(kept.sum())
    tables = []
    for name in OF_PEOPLE:
        if name in asked or total < who.few or not table.values(name):
            continue
        counts = table.counts(name, kept)
        shown, hidden = masked(counts)
        shown = [value for value in counts if value in shown and counts[value] >= who.few]
        tables.append((who.say(f"filter_{name}"), [
            (names.value(name, value), counts[value], {**asked, name: value}) for value in shown
        ], hidden))  # fmt: skip
    return who.page(
        "figures", who.say("people"), "people", run=run, tables=tables, total=total,
        enough=who.figure(total) is not None,
        **{key: value for key, value in
           _listed(who, "/people", table, asked, OF_PEOPLE, kept, 1, 1).items()
           if key in {"path", "asked", "filters", "chips"}},
    )  # fmt: skip


def _export(who: PageRequest, form: str, name: str, table: ListTable, kept: Any) -> Response:
    """Give exactly this view as a file."""
    makers = {"csv": csv_of, "xlsx": xlsx_of}
    if form not in makers:
        raise HTTPException(ABSENT)
    measures = who.weeks.document(shown_run(who).run_id)["measures"]
    names = Names(who.language, measures, openings=name == "openings")
    return makers[form](name, coarse(who, table.rows(kept)), who.say, who.words, names)


@router.get("/weeks", response_class=HTMLResponse)
def weeks(who: Who) -> Response:
    """Show the runs, and what became of their proposals: never by caseworker."""
    runs = who.weeks.runs(most=60)
    figures = became_of(who, runs[0].run_id) if runs else None
    names = Names(who.language)
    return who.page(
        "weeks",
        who.say("weeks"),
        "weeks",
        runs=runs,
        figures=figures,
        names=names,
        others=OTHERS,
        measures=who.weeks.document(runs[0].run_id)["measures"] if runs else {},
        target=target_lines(who, runs[0].run_id) if runs else [],
        earlier=earlier_lines(who, runs[0].run_id) if runs else [],
    )


def became_of(who: PageRequest, run_id: str) -> dict[str, Any]:
    """Say what became of the proposals of the last weeks until today, under a run's policy."""
    with who.weeks.ledger() as ledger:
        return rates(ledger, ledger.policy(run_id), clock.today())


@router.get("/weeks/difference", response_class=HTMLResponse)
def run_difference(who: Who, before: str, after: str) -> Response:
    """Show what differs between two runs: who came, left and moved, what is scarce now."""
    with who.weeks.ledger() as ledger:
        found = difference(ledger, before, after)
    return who.page(
        "difference", who.say("difference_title"), "weeks", found=found, counts=counted(found),
        names=Names(who.language), most=MOST_CHANGES,
        row=lambda run_id, citizen: who.weeks.row_of(run_id, citizen), **in_sight(who, found),
    )  # fmt: skip


def counted(found: Difference) -> dict[str, int]:
    """How many proposals of two runs came, left, moved, changed and were kept."""
    return {"came": len(found.came), "left": len(found.left), "moved": len(found.moved),
            "changed": len(found.changed), "kept": found.kept}  # fmt: skip


def in_sight(who: PageRequest, found: Difference) -> dict[str, Any]:
    """Proposals that came, left and moved, of those whom a viewer may see."""
    return {
        "came": [one for one in found.came if who.viewer.sees(one.unit)],
        "left": [one.proposal for one in found.left if who.viewer.sees(one.proposal.unit)],
        "moved": [one for one in found.moved if who.viewer.sees(one.after.unit)],
    }


@router.post("/language")
async def language(who: Who, request: Request) -> Response:
    """Choose a language; it is kept in a cookie that holds nothing else."""
    form = await checked(request, who)
    answer = RedirectResponse(came_from(who, form), 303)
    chosen = chosen_of(form.get("language"), who.language)
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, httponly=True, samesite="strict", path=f"{who.root}/",
        max_age=31_536_000,
    )  # fmt: skip
    return answer
