"""A proposal as a TOML file that people read and change, and as plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from matcher.cpr import cleared
from matcher.policy.practice import Proposing
from matcher.records import TABLES
from matcher.tables.columns import columns_of
from matcher.tables.issues import shown, table_name
from matcher.tables.mapping.propose import ColumnProposal, ProposedMapping, TableProposal
from matcher.texts import Language, Message, tell

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """Write a text as TOML does: a JSON text is one."""
    return json.dumps(text, ensure_ascii=False)


def _key(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quoted(text)


def proposal_text(
    proposal: ProposedMapping, settings: Proposing, language: Language, key_check: str = ""
) -> str:
    """Write a proposal as TOML; how sure it is, and examples, as remarks."""

    def say(key: str, **facts: Any) -> str:
        lines = Message(f"mapping_file.{key}", **facts).told(language).splitlines()
        return "\n".join(f"# {cleared(line)}".rstrip() for line in lines)

    lines = [say("head"), ""]
    if proposal.mapping().hashes():
        lines += [say("key"), "[mapping]"]
        lines += [f"key_check = {quoted(key_check)}" if key_check else "# key_check = ", ""]
    for name in proposal.ours:
        lines.append(say("ours", table=table_name(name)))
    for place in proposal.others:
        lines.append(say("not_used", place=shown(place)))
    for place, reason in proposal.unread:
        lines.append(say("unread", place=shown(place), reason=reason))
    for name in proposal.missing:
        lines.append(say("missing", table=table_name(name)))
    for table in proposal.tables:
        lines += ["", *_table(table, settings, say)]
    return "\n".join(lines) + "\n"


def _table(table: TableProposal, settings: Proposing, say: Any) -> Iterator[str]:
    name = table.name
    fields = columns_of(TABLES[name], None)
    yield say("table", table=table_name(name), source=table.source, rows=table.rows)
    yield f"[{name}]"
    yield f"from = {quoted(table.map.source)}"
    if table.map.once:
        yield say("once")
        yield "once = true"
    for header, values in table.left_out.items():
        yield say("leave_out", column=shown(header))
        yield f"leave_out.{_key(header)} = [{', '.join(map(quoted, values))}]"
    for join in table.map.joins:
        yield ""
        yield say("join")
        yield f"[[{name}.join]]"
        yield f"from = {quoted(join.source)}"
        yield f"on = {quoted(join.on)}"
        if join.to != join.on:
            yield f"to = {quoted(join.to)}"
    yield ""
    for field_name in table.needed:
        yield say("needed", column=field_name, meaning=fields[field_name].meaning)
        yield f"# [{name}.columns.{field_name}]"
        yield '# from = ""'
    if table.protecting:
        yield say("protecting", table=name, columns=table.protecting)
    for column in table.columns:
        yield from _column(table, column, settings, say)
    barred = [one for one in table.unused if one.barred]
    if barred:
        yield say("barred", columns=tuple(shown(one.header) for one in barred))
    for one in table.unused:
        if not one.barred:
            yield say("unused", column=shown(one.header), rows=one.rows)


def _column(
    table: TableProposal, column: ColumnProposal, settings: Proposing, say: Any
) -> Iterator[str]:
    one, fit = column.fit.map, column.fit
    percent = round(100 * fit.sure)
    yield f"[{table.name}.columns.{column.name}]"
    yield say("sure" if percent >= settings.sure_percent else "look", percent=percent)
    if column.scale:
        field_of = columns_of(TABLES[table.name], None)[column.name]
        yield say("scale", meaning=field_of.meaning)
    if one.hashed:
        yield say("hashed")
    elif column.examples:
        yield say("examples", examples=tuple(map(shown, column.examples)))
    yield f"from = {quoted(one.source)}"
    for key, value in (("hash", one.hashed), ("unit", one.unit), ("part", one.part)):
        if value:
            yield f"{key} = {quoted(value)}"
    values = column.values
    listed = column.asked
    if left := len(fit.open) - len(listed) + len(fit.values) - len(values):
        yield say("open_count", count=left)
    if values or listed:
        yield f"[{table.name}.columns.{column.name}.values]"
    for theirs, ours in values.items():
        yield f"{quoted(theirs)} = {quoted(ours)}"
    if listed:
        some = columns_of(TABLES[table.name], None)[column.name]
        yield say("open", expected=some.expected)
        for text in listed:
            yield f"# {quoted(shown(text))} = "
    yield ""


def proposal_data(
    proposal: ProposedMapping, settings: Proposing, language: Language
) -> dict[str, Any]:
    """Return a proposal as plain data."""
    content = {
        "schema_version": 1,
        "tables": {
            one.name: {
                "from": one.map.source,
                "rows": one.rows,
                "joins": [
                    {"from": join.source, "on": join.on, "to": join.to} for join in one.map.joins
                ],
                "leave_out": {header: list(values) for header, values in one.left_out.items()},
                "once": one.map.once,
                "columns": {
                    column.name: {
                        "from": column.fit.map.source,
                        "sure": round(column.fit.sure, 3),
                        "examples": list(column.examples),
                        "unit": column.fit.map.unit,
                        "part": column.fit.map.part,
                        "hash": column.fit.map.hashed,
                        "values": dict(column.values),
                        "open": list(column.asked),
                        "open_values": len(column.fit.open),
                    }
                    for column in one.columns
                },
                "unused": [{"column": item.header, "rows": item.rows, "barred": item.barred}
                           for item in one.unused],
                "needed": list(one.needed),
                "protecting": list(one.protecting),
            }
            for one in proposal.tables
        },
        "ours": list(proposal.ours),
        "not_used": list(proposal.others),
        "unread": [
            {"table": place, "reason": tell(reason, language)} for place, reason in proposal.unread
        ],
        "missing": list(proposal.missing),
    }  # fmt: skip
    hidden: dict[str, Any] = cleared(content)
    return hidden
