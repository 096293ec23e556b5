"""The command that looks at somebody's own tables and proposes what they are in ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher import private
from matcher.commands import Answering, Dated, add_command
from matcher.errors import OptionError
from matcher.terminal import address_of, day_of, policy_of, print_json, say
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.policy.practice import Proposing
    from matcher.tables.mapping.propose import ProposedMapping, TableProposal


@dataclass(frozen=True, kw_only=True)
class Map(Dated, Answering):
    """Look at somebody's own tables and propose what they are in ours, as a mapping file."""

    data: Annotated[str, typer.Argument(metavar="DATA")]
    out: Annotated[Path, typer.Option("--out", metavar="FILE")] = Path("mapping.toml")


def add_mapping(app: typer.Typer) -> None:
    """Add the command to the application."""
    add_command(app, "map", Map, _map)


def _map(asked: Map) -> None:
    from matcher.tables.mapping.propose import propose
    from matcher.tables.mapping.pseudonym import key_of
    from matcher.tables.mapping.writing import proposal_data, proposal_text

    out = asked.out
    if out.exists():
        raise OptionError(Message("mapping.exists", file=str(out)))
    today, address = day_of(asked.on), address_of(asked.data)
    rules = policy_of(today, asked.policy)
    if rules.mapping is None:
        raise OptionError(Message("mapping.no_policy"))
    proposal = propose(address, rules, today)
    key = key_of(address) if proposal.mapping().hashes() else None
    check = "" if key is None else key.check()
    text = proposal_text(proposal, rules.mapping, asked.language, check)
    private.write_text(private.folder(out.parent) / out.name, text)
    if asked.as_json:
        print_json({**proposal_data(proposal, rules.mapping, asked.language), "file": str(out)})
        return
    for line in _lines(proposal, rules.mapping):
        say(line)
    say(Message("mapping.written", file=str(out), data=asked.data))


def _lines(proposal: ProposedMapping, settings: Proposing) -> list[str]:
    """Say what was found, what to look at, and what is missing."""
    from matcher.tables import table_name
    from matcher.tables.issues import shown

    lines: list[str] = [
        Message("mapping.ours_already", table=table_name(name)) for name in proposal.ours
    ]
    for one in proposal.tables:
        lines += _table_lines(one, settings)
    lines += [Message("mapping.table_missing", table=table_name(name)) for name in proposal.missing]
    if proposal.others:
        lines.append(Message("mapping.not_used", places=tuple(map(shown, proposal.others))))
    lines += [
        Message("mapping.could_not", place=shown(place), reason=reason)
        for place, reason in proposal.unread
    ]
    return lines


def _table_lines(one: TableProposal, settings: Proposing) -> list[str]:
    from matcher.tables import table_name
    from matcher.tables.issues import shown

    sure = [column for column in one.columns if 100 * column.fit.sure >= settings.sure_percent]
    doubtful = tuple(
        Message(
            "mapping.a_column",
            name=column.name,
            header=shown(column.fit.map.source),
            percent=round(100 * column.fit.sure),
        )
        for column in one.columns
        if column not in sure
    )
    open_ = tuple(
        Message("mapping.a_value", name=column.name, count=len(column.fit.open))
        for column in one.columns
        if column.fit.open
    )
    lines: list[str] = [
        Message(
            "mapping.of_table",
            table=table_name(one.name),
            source=one.source,
            rows=one.rows,
            count=len(one.columns),
            sure=len(sure),
        )
    ]
    lines += [Message("mapping.joined", source=shown(join.source), on=shown(join.on))
              for join in one.map.joins]  # fmt: skip
    lines += [
        Message("mapping.hashed_column", header=shown(column.fit.map.source), name=column.name)
        for column in one.columns
        if column.fit.map.hashed
    ]
    scales = tuple(column.name for column in one.columns if column.scale)
    barred = tuple(shown(item.header) for item in one.unused if item.barred)
    unused = tuple(shown(item.header) for item in one.unused if not item.barred)
    for key, facts in (
        ("look_at", doubtful),
        ("scales", scales),
        ("values_open", open_),
        ("needed_columns", one.needed),
        ("protecting_columns", one.protecting),
        ("barred_columns", barred),
        ("unused_columns", unused),
    ):
        if facts:
            lines.append(Message(f"mapping.{key}", columns=facts, table=one.name))
    return lines
