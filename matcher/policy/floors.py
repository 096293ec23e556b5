"""Floors for groups: which column and value make a group, read as the tables read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from matcher.policy.quantities import Count
from matcher.records import LEVELS, Benefit, Category, Citizen, danish_name
from matcher.texts import Message


class GroupFloor(BaseModel):
    """At least so many placements from a group; off unless given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: Literal["category", "benefit", "oral", "postcode", "caseworker_id", "single_provider"]
    """The column of the citizens' table."""
    value: str
    """The value that makes the group."""
    at_least: Count
    """Placements."""

    @field_validator("column", mode="before")
    @classmethod
    def _english(cls, column: object) -> object:
        """Take the Danish name of a column for the column: `dansk_mundtlig`."""
        return _COLUMNS.get(column.strip().lower(), column) if isinstance(column, str) else column

    @field_validator("value", mode="before")
    @classmethod
    def _canonical(cls, value: object, info: ValidationInfo) -> object:
        """Bring a value to the text that the column holds: `aktivitetsparat`, `nej`, ` 8000`."""
        column = info.data.get("column")
        if column is None or not isinstance(value, str | int | float):
            return value
        return _group_value(column, str(value).strip())


_COLUMNS = {
    danish_name(Citizen, name): name
    for name in get_args(GroupFloor.model_fields["column"].annotation)
}
"""Danish names of the columns that make groups."""
_GROUP_CODES: Mapping[str, Any] = {"category": Category, "benefit": Benefit}
_YES_NO = {
    **dict.fromkeys(("yes", "ja", "true", "1"), "true"),
    **dict.fromkeys(("no", "nej", "false", "0"), "false"),
}


def _group_value(column: str, text: str) -> str:
    """Text of a value in the citizens' table, as it is compared; ValueError: no such value."""
    if column in _GROUP_CODES:
        try:
            return str(_GROUP_CODES[column](text))
        except ValueError:
            codes = ", ".join(code.value for code in _GROUP_CODES[column])
            raise ValueError(Message("policy.expected_codes", codes=codes)) from None
    if column == "single_provider":
        if text.lower() not in _YES_NO:
            raise ValueError(Message("policy.expected_bool"))
        return _YES_NO[text.lower()]
    if column == "oral":
        text = str(LEVELS.get(text.upper(), text))
        if not re.fullmatch("[0-6]", text):
            raise ValueError(Message("policy.expected_level"))
    elif column == "postcode":
        if not re.fullmatch("[0-9]{4}", text):
            raise ValueError(Message("policy.expected_postcode"))
    elif not 1 <= len(text) <= 64:
        raise ValueError(Message("policy.expected_text"))
    return text
