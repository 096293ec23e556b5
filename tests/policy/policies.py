"""The built-in policy, its periods, and whole messages, for the tests of the policy."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from matcher.policy import Policy, load_policy

BUILT_IN = resources.files("matcher").joinpath("policies", "denmark.toml").read_text("utf-8")
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2027, 12, 31)
DAY = dt.timedelta(days=1)

SECTIONS = (
    "accountability, ai_order, benefit_rates, checks, childcare, contacts, declared, declines,"
    " duty_week, fit,"
    " forbid_reasons, group_floors, horizon, hours_225, language, letter, mapping, measures,"
    " mentor_grant, money, name, national_ceiling, net_increase, odd_hours, oversight, papers,"
    " prior_benefit, programme, ratio_rule, retention, serve, start, target_group, tiers, travel,"
    " triage, unknown, unlocking, version, workdays"
)


def on(*day: int) -> Policy:
    """The built-in policy of a day."""
    return load_policy(dt.date(*day))


def periods() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every period of the built-in file, with the name of its section."""
    for name, value in tomllib.loads(BUILT_IN).items():
        if name == "measures":
            for measure, own in value.items():
                yield from ((f"measures.{measure}", period) for period in own)
        elif isinstance(value, list):
            yield from ((name, period) for period in value)


def change_days() -> list[dt.date]:
    """First days on which something else holds than on the day before."""
    days = {period["valid_from"] for _, period in periods()}
    days |= {period["valid_to"] + DAY for _, period in periods() if "valid_to" in period}
    return sorted(days)


def exactly(message: str) -> str:
    """A pattern that matches the whole message and nothing else."""
    return f"^{re.escape(message)}$"


def whole(tmp_path: Path, old: str, new: str) -> Path:
    """A whole policy file: the built-in one with one place changed."""
    assert BUILT_IN.count(old) == 1, old
    file = tmp_path / "whole.toml"
    file.write_text(BUILT_IN.replace(old, new), "utf-8")
    return file
