"""The tables as other programs read about them: a data package, and SQL to begin from.

``datapackage.json`` follows Frictionless Data Package v2 (datapackage.org): types, enumerations,
ranges, keys and links between tables, made from the records and nothing else. It is stricter than
the reader, which also understands what people write: a file that is valid by it can be read, and
one that is not may still be. The SQL makes tables with those names, types and keys; a municipality
fills them, or replaces them by views on its own.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from matcher import __version__
from matcher.records import NAMES_ALSO_IN, NONE_WORDS, TABLES, Table, danish_name
from matcher.tables.columns import columns_of
from matcher.tables.fields import TableField
from matcher.tables.references import REFERENCES
from matcher.texts import LANGUAGES, Language, Message, own_catalogue, tell

Dialect = Literal["postgresql", "sqlserver"]
DIALECTS: tuple[Dialect, ...] = ("postgresql", "sqlserver")
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_TYPES = {
    "text": "string",
    "whole": "integer",
    "number": "number",
    "yes_no": "boolean",
    "date": "date",
    "choice": "string",
    "blocks": "string",
    "words": "list",
}
_YES_NO = (("yes", "no"), ("ja", "nej"))
_TEXT_LENGTH = 200
_LIST_LENGTH = 2000
_CODE_LENGTH = 64


def data_package(language: Language = "en") -> dict[str, Any]:
    """Describe all tables as a Frictionless data package.

    Parameters
    ----------
    language
        Of names and coded values: ``en`` or ``da``. Titles and sentences stand in both under
        ``titles`` and ``descriptions``.

    Returns
    -------
    dict
        JSON-ready; file names are those that ``jobmatch template`` writes.
    """
    return {
        "$schema": PROFILE,
        "name": "jobmatch",
        "title": Message("package.title").told(language),
        "titles": _both(Message("package.title")),
        "description": Message("package.description").told(language),
        "version": __version__,
        "resources": [_resource(table, language) for table in TABLES.values()],
    }


def _resource(table: Table, language: Language) -> dict[str, Any]:
    danish = language == NAMES_ALSO_IN
    links = [
        {
            "fields": [_named(table, one.field, danish)],
            "reference": {
                "resource": _ascii(_table(TABLES[one.target], danish)),
                "fields": [_named(TABLES[one.target], TABLES[one.target].key[0], danish)],
            },
        }
        for one in REFERENCES
        if one.table == table.name
    ]
    # A key may hold empty cells here (a bar of a citizen at any opening), which the standard's
    # primary keys may not: there it is said that the columns are unique together.
    columns = columns_of(table, None)
    needed = all(columns[name].needed for name in table.key)
    keyed = [_named(table, one, danish) for one in table.key]
    key: dict[str, Any] = {"primaryKey": keyed} if needed else {"uniqueKeys": [keyed]}
    english = " ".join((table.record.__doc__ or "").split())
    key_of = f"table.{table.record.__name__}"
    sentence = {one: own_catalogue(one).get(key_of, english) for one in LANGUAGES}
    return {
        "name": _ascii(_table(table, danish)),
        "path": f"{_table(table, danish)}.csv",
        "title": table.danish if danish else table.name,
        "titles": {"en": table.name, "da": table.danish},
        "description": sentence[language],
        "descriptions": sentence,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ";" if danish else ","},
        "needed": table.needed,
        "schema": {
            "fields": [_field(column, language) for column in columns.values()],
            "missingValues": [""],
            **key,
            **({"foreignKeys": links} if links else {}),
        },
    }


def _field(column: TableField, language: Language) -> dict[str, Any]:
    danish = language == NAMES_ALSO_IN
    found: dict[str, Any] = {
        "name": column.danish if danish else column.name,
        "type": _TYPES[column.kind],
        "title": column.danish if danish else column.name,
        "titles": {"en": column.name, "da": column.danish},
        "description": tell(column.meaning, language),
        "descriptions": _both(column.meaning),
    }
    if column.kind == "yes_no":
        yes, no = _YES_NO[danish]
        found |= {"trueValues": [yes], "falseValues": [no]}
    if column.kind == "words":
        found |= {"delimiter": ";", "itemType": "string"}
    if column.unit:
        found["unit"] = column.unit
    if column.protects is not None:
        found["protects"] = column.protects.empty
    if column.takes_none and column.kind not in {"blocks", "words"}:
        found["missingValues"] = ["", NONE_WORDS[0], NONE_WORDS[1]]
    if limits := _constraints(column, danish):
        found["constraints"] = limits
    return found


def _constraints(column: TableField, danish: bool) -> dict[str, Any]:
    names = {
        "minimum": column.limit("ge"),
        "exclusiveMinimum": column.limit("gt"),
        "maximum": column.limit("le"),
        "exclusiveMaximum": column.limit("lt"),
    }
    if column.kind not in {"whole", "number"}:
        names = {}
    found: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
    if "minimum" in found and "exclusiveMinimum" in found:
        del found["minimum"]
    if column.needed:
        found["required"] = True
    if column.kind == "choice":
        found["enum"] = [one.danish if danish else one.value for one in column.inner]
    elif column.kind == "text":
        if column.vocabulary is not None:
            codes = sorted(set(column.vocabulary.values()))
            found["enum"] = [
                column.danish_words.get(code, code) if danish else code for code in codes
            ]
        else:
            pattern, longest = column.pattern, column.limit("max_length")
            found |= {"pattern": pattern} if pattern else {}
            found |= {"maxLength": longest} if longest else {}
    return found


def sql_skeleton(dialect: Dialect, language: Language = "en") -> str:
    """Write SQL that makes every table, with keys and links, and a view of each to fill in.

    Parameters
    ----------
    dialect
        ``postgresql`` or ``sqlserver``.
    language
        Of the names of tables and columns.

    Returns
    -------
    str
        Statements that run as they are; the views are commented out.
    """
    danish = language == NAMES_ALSO_IN
    from sqlalchemy.dialects import mssql, postgresql  # slow to import

    of = postgresql.dialect() if dialect == "postgresql" else mssql.dialect()  # type: ignore[no-untyped-call]
    metadata = sa.MetaData()
    described = {_sql_table(table, metadata, danish): table for table in TABLES.values()}
    parts = [_commented(Message("package.sql", dialect=dialect).told(language))]
    # A table stands after those it names.
    for sql in metadata.sorted_tables:
        parts.append(str(CreateTable(sql).compile(dialect=of)).strip() + ";")
        quoted = of.identifier_preparer.quote
        columns = ",\n    ".join(
            f"NULL AS {quoted(column.danish if danish else column.name)}"
            for column in columns_of(described[sql], None).values()
        )
        view = f"CREATE VIEW {quoted(sql.name)} AS\nSELECT\n    {columns}\nFROM ...;"
        parts.append(_commented(f"{Message('package.view').told(language)}\n{view}"))
    return "\n\n".join(parts) + "\n"


def _sql_table(table: Table, metadata: sa.MetaData, danish: bool) -> sa.Table:
    columns = columns_of(table, None)
    links = {
        one.field: one
        for one in REFERENCES
        # What may age or name what is gone has no key of another table to keep.
        if one.table == table.name and one.action == "refuse"
    }
    needed = all(columns[name].needed for name in table.key)
    keyed = [_named(table, one, danish) for one in table.key]
    return sa.Table(
        _table(table, danish),
        metadata,
        *(
            sa.Column(
                column.danish if danish else name,
                _sql_type(column, name in table.key or name in links),
                *_foreign_key(links.get(name), danish),
                nullable=not column.needed,
            )
            for name, column in columns.items()
        ),
        (sa.PrimaryKeyConstraint if needed else sa.UniqueConstraint)(*keyed),
    )


def _foreign_key(link: Any, danish: bool) -> tuple[sa.ForeignKey, ...]:
    if link is None:
        return ()
    target = TABLES[link.target]
    return (sa.ForeignKey(f"{_table(target, danish)}.{_named(target, target.key[0], danish)}"),)


def _sql_type(column: TableField, joined: bool) -> sa.types.TypeEngine[Any]:
    if column.kind in {"whole", "number", "date", "yes_no"}:
        plain: dict[str, sa.types.TypeEngine[Any]] = {
            "whole": sa.Integer(),
            "number": sa.Numeric(12, 4),
            "date": sa.Date(),
            "yes_no": sa.Boolean(),
        }
        return plain[column.kind]
    if column.kind in {"blocks", "words"}:
        return sa.Unicode(_LIST_LENGTH)
    if column.kind == "choice" or joined:
        return sa.Unicode(_CODE_LENGTH)
    return sa.Unicode(int(column.limit("max_length") or _TEXT_LENGTH))


def _table(table: Table, danish: bool) -> str:
    return table.danish if danish else table.name


def _named(table: Table, field: str, danish: bool) -> str:
    return danish_name(table.record, field) if danish else field


def _ascii(name: str) -> str:
    """Spell the name of a resource as the standard wants it: small letters of ASCII."""
    for letter, plain in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        name = name.replace(letter, plain)
    return name


def _both(text: str) -> dict[str, str]:
    return {language: tell(text, language) for language in LANGUAGES}


def _commented(text: str) -> str:
    return "\n".join(f"-- {line}".rstrip() for line in text.splitlines())
