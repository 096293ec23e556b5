"""Changes of the policy: single keys, every key under a star, and the law of another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.errors import PolicyError
from matcher.policy import Policy, load_policy, override_of
from matcher.texts import Message
from scenarios.patch.columns import known

Keys = tuple[str, ...]
Say = Callable[[Keys, str], None]
"""Notes a fault at a key."""

OPERATIONS = ("set", "add", "scale", "clip")
_DATES = ("valid_from", "valid_to")
HOW_READ = {"source", "source_danish", "read_as", "confidence", "review_by"}
"""Keys of every part of the policy that tell where it is from."""


@dataclass(frozen=True)
class PolicyChange:
    """What becomes of one key, or of all that a star stands for."""

    keys: Keys
    operation: str
    value: Any


def read_policy(content: Mapping[str, Any], say: Say) -> tuple[PolicyChange, ...]:
    """Flatten the policy part of a scenario into changes of single keys."""
    return tuple(_flat(content, (), say))


def _flat(content: Mapping[str, Any], path: Keys, say: Say) -> Iterator[PolicyChange]:
    for key, value in content.items():
        here = (*path, key)
        if isinstance(value, Mapping) and value and set(value) <= set(OPERATIONS):
            yield from _operation(here, value, say)
        elif isinstance(value, Mapping):
            yield from _flat(value, here, say)
        else:
            yield PolicyChange(here, "set", value)


def _operation(here: Keys, value: Mapping[str, Any], say: Say) -> Iterator[PolicyChange]:
    if len(value) > 1:
        say(here, Message("patch.together", names=tuple(value)))
        return
    ((operation, amount),) = value.items()
    numbers = amount if operation == "clip" and isinstance(amount, list) else [amount]
    given = [one for one in numbers if not (operation == "clip" and one == "none")]
    if operation != "set" and not all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in given
    ):
        say(here, Message("patch.number", name=operation, value=repr(amount)))
    elif operation == "clip" and len(numbers) != 2:
        say(here, Message("patch.clip_two", value=repr(amount)))
    else:
        yield PolicyChange(here, operation, amount)


def worked_out(
    changes: tuple[PolicyChange, ...], policy: Policy, say: Say
) -> list[tuple[Keys, Any, Any]]:
    """Old and new value of every key that changes are about; what cannot be is said."""
    content = policy.model_dump(mode="json")
    found: list[tuple[Keys, Any, Any]] = []
    for change in changes:
        paths = _expanded(content, change.keys)
        if not paths:
            say(change.keys, Message("patch.no_policy_key", key=dotted(change.keys)))
        for keys in paths:
            try:
                old = _value(content, keys)
                new = _new(old, change, keys)
                _allowed(policy, keys, new)
            except (ValueError, PolicyError) as error:
                for line in problems_of(error):
                    say(change.keys, line)
            else:
                found.append((keys, old, new))
    return found


def problems_of(error: ValueError | PolicyError) -> Sequence[str]:
    """Return each problem that an error of the policy tells of, without where it was found."""
    return error.problems if isinstance(error, PolicyError) else error.args


def dotted(keys: Keys) -> str:
    """Write a key as a person does."""
    return ".".join(keys)


def nested(values: Mapping[Keys, Any]) -> dict[str, Any]:
    """Lay values by key out as the tables they stand in."""
    content: dict[str, Any] = {}
    for keys, value in values.items():
        branch = content
        for key in keys[:-1]:
            branch = branch.setdefault(key, {})
        branch[keys[-1]] = value
    return content


def _expanded(content: Any, keys: Keys) -> list[Keys]:
    if not keys:
        return [()]
    names = [keys[0]]
    if keys[0] == "*":
        names = list(content) if isinstance(content, Mapping) else []
    return [
        (name, *rest)
        for name in names
        for rest in _expanded(content.get(name) if isinstance(content, Mapping) else None, keys[1:])
        if name not in _DATES or keys[0] != "*"
    ]


def _value(content: Any, keys: Keys) -> Any:
    for key in keys:
        if not isinstance(content, Mapping) or key not in content:
            return None
        content = content[key]
    return content


def _new(old: Any, change: PolicyChange, keys: Keys) -> Any:
    if change.operation == "set":
        return change.value
    if isinstance(old, bool) or not isinstance(old, int | float):
        there = Message("patch.not_in_policy") if old is None else Message("patch.no_number")
        # A fault of the file, not of the program.
        raise ValueError(  # noqa: TRY004
            Message("patch.no_meaning", key=dotted(keys), there=there, name=change.operation)
        )
    if change.operation == "clip":
        least, most = change.value
        new = old if least == "none" else max(old, least)
        new = new if most == "none" else min(new, most)
    else:
        new = old + change.value if change.operation == "add" else old * change.value
    # Halves go up, as in tables.
    return int(new + 0.5 + 1e-9 if new >= 0 else new) if isinstance(old, int) else float(new)


def _allowed(policy: Policy, keys: Keys, new: Any) -> None:
    """Let the policy itself judge a single key, so that a fault has a line."""
    override_of(policy, nested({keys: new}))


def law_of(policy: Policy, on: dt.date, sections: list[str]) -> dict[Keys, Any]:
    """Return what the law of another day changes, by key.

    What the municipality has set itself stays: a key is taken from the other day only where the
    policy has what the law says today. Days on which a section holds are left as they are.

    Raises
    ------
    ValueError
        A section is unknown, or nothing differs between the two days.
    PolicyError
        Nothing holds on the other day.
    """
    own = policy.model_dump(mode="json")
    now = load_policy(policy.on).model_dump(mode="json")
    then = load_policy(on).model_dump(mode="json")
    lawful = [name for name in now if isinstance(now[name], dict) or now[name] is None]
    if unknown := [name for name in sections if name not in lawful]:
        raise ValueError(Message("patch.no_section", name=unknown[0], known=known(lawful)))
    changed: dict[Keys, Any] = {}
    for name in sections or lawful:
        _differences((name,), (own[name], now[name], then[name]), policy.on, changed)
    if not changed:
        raise ValueError(Message("patch.same_law", today=policy.on, other=on))
    return changed


def _differences(
    keys: Keys, values: tuple[Any, Any, Any], today: dt.date, changed: dict[Keys, Any]
) -> None:
    own, now, then = values
    if keys[-1] in _DATES:
        return
    if all(isinstance(one, dict) for one in values):
        for key in sorted({*now, *then}):
            inner = (own.get(key), now.get(key), then.get(key))
            _differences((*keys, key), inner, today, changed)
    elif own == now and now != then:
        if isinstance(then, dict) and "valid_from" in then:
            # What did not hold today holds from now on.
            first = min(then["valid_from"], today.isoformat())
            then = {**then, "valid_from": first, "valid_to": None}
        changed[keys] = then


def under_law(policy: Policy, changed: Mapping[Keys, Any]) -> Policy:
    """Return the policy with the keys of another day's law; sections may come and go."""
    content = policy.model_dump(mode="json")
    for keys, value in changed.items():
        branch = content
        for key in keys[:-1]:
            branch = branch[key]
        if value is None and keys[0] == "measures" and len(keys) == 2:
            del branch[keys[-1]]
        else:
            branch[keys[-1]] = value
    return override_of(Policy.model_validate(content), {})
