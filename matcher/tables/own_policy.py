"""A folder of tables may hold the policy that its figures are meant for: ``policy.toml``.

Budgets of a town of its own, say. Whoever runs the week takes it unless another is named; one that
lies there and does not count is told, since it changes every answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.errors import PolicyError
from matcher.policy import Policy, load_policy
from matcher.tables.issues import Issue, IssueCode, Severity, shown
from matcher.texts import Message

POLICY_FILE = "policy.toml"
"""Name of the file in a folder of tables."""


def own_policy(address: str | Path) -> Path | None:
    """Return the policy that a folder of tables holds; None where there is none.

    A workbook or a database has none: what lies beside it may belong to anything.
    """
    if "://" in str(address):
        return None
    file = Path(address) / POLICY_FILE
    return file if file.is_file() else None


def policy_not_used(address: str | Path | Mapping[str, Any], policy: Policy) -> list[Issue]:
    """Warn where a policy lies with the tables, or beside them, and does not count."""
    if isinstance(address, Mapping):
        return []  # frames lie nowhere
    file = own_policy(address)
    if file is not None:
        try:
            if load_policy(policy.on, file).digest() == policy.digest():
                return []
            told = Message("policy_file.another")
        except PolicyError:
            told = Message("policy_file.unreadable")
        advice = Message("advice.own_policy")
        return [_warning(file, told, advice)]
    beside = Path(address).parent / POLICY_FILE
    if "://" in str(address) or Path(address).is_dir() or not beside.is_file():
        return []
    if policy.file == POLICY_FILE:
        return []
    told = Message("policy_file.beside")
    return [_warning(beside, told, Message("advice.beside_policy", file=shown(beside)))]


def _warning(file: Path, told: str, advice: str) -> Issue:
    return Issue(
        IssueCode.POLICY_NOT_USED,
        Severity.WARNING,
        "policy",
        file.name,
        value=told,
        advice=advice,
    )
