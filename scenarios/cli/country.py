"""`jobmatch run --each municipality`: the country as the weeks of its municipalities."""

from __future__ import annotations

from contextlib import ExitStack

import typer

from matcher.cli import Run, engine_options
from matcher.errors import OptionError
from matcher.streams import print_json
from matcher.terminal import address_of, say, solvers_quiet, tables_read
from matcher.texts import Message


def run_each(asked: Run, data: str) -> None:
    """Run each municipality's week, and write the page of all."""
    from matcher.report import need_page
    from matcher.tables import check_folder
    from matcher.weekly import WeekOptions, is_made_up
    from scenarios.country import run_parts, split, summary, write_summary
    from scenarios.progress import Progress
    from scenarios.sweep import workforce_of

    if asked.no_ledger or asked.ledger is not None:
        raise OptionError(Message("country.own_ledger"))
    check_folder(asked.out, "--out")
    need_page()
    options = WeekOptions(asked.language, engine_options(asked), asked.explain)
    address = address_of(data)
    with Progress() as talk, ExitStack() as stack:
        problem = tables_read(data, asked.on, asked.policy, asked.mapping, talk)
        parts, left_out = split(problem)
        if not parts:
            raise OptionError(Message("country.no_column"))
        made_up, ran = is_made_up(address), []
        with solvers_quiet(shown=asked.debug):
            workforce = workforce_of(stack, asked.cluster, asked.workers, len(parts))
            talk.phase(Message("phase.running", count=len(parts)))
            for one in run_parts(
                parts, asked.out, problem.today, options, workforce, made_up=made_up
            ):
                ran.append(one)
                if one.failed:
                    talk.note(
                        Message(
                            "country.failed_note", municipality=one.municipality, reason=one.reason
                        )
                    )
                talk.step(len(ran), len(parts))
        document = summary(ran, left_out, problem.today, made_up=made_up, language=asked.language)
        page = write_summary(document, asked.out)
    if asked.as_json:
        print_json({**document, "page": str(page)})
    else:
        say(
            Message(
                "country.done_text",
                placed=document["placed"],
                waiting=document["waiting"],
                done=document["municipalities"] - document["failed"],
                all=document["municipalities"],
                proven=document["proven"],
            )
        )
        say(Message("country.open_page", path=str(page)))
    if document["failed"]:
        raise typer.Exit(2)
