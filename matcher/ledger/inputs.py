"""A problem's tables as compressed bytes and back, exactly, so that a run can be made again.

Each column is its different values as JSON and a code per row, the whole compressed: no optional
package is needed, and a year of weeks stays small.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import LedgerError, PolicyError
from matcher.policy import Policy, policy_read_again
from matcher.problem import as_frame
from matcher.records import TABLES
from matcher.texts import Message

FORM = 1
"""Form of the bytes."""


def packed(frame: pd.DataFrame) -> tuple[str, bytes]:
    """Compress a canonical frame; return digest and bytes, equal for equal frames."""
    heads: list[dict[str, Any]] = []
    codes: list[bytes] = []
    for name in frame.columns:
        series = frame[name]
        at, values = pd.factorize(series, sort=False)
        known: list[Any] = list(pd.Index(values).tolist())
        if series.dtype.kind == "M":
            known = [value.date().isoformat() for value in known]
        heads.append({"name": str(name), "values": known})
        codes.append(at.astype("<i4").tobytes())
    head = json.dumps(
        {"form": FORM, "rows": len(frame), "columns": heads}, ensure_ascii=True, allow_nan=False
    ).encode()
    plain = len(head).to_bytes(8, "little") + head + b"".join(codes)
    return hashlib.blake2b(plain, digest_size=16).hexdigest(), zlib.compress(plain, 6)


def unpacked(name: str, content: bytes) -> pd.DataFrame:
    """Give back the canonical frame of a table."""
    plain = zlib.decompress(content)
    length = int.from_bytes(plain[:8], "little")
    head = json.loads(plain[8 : 8 + length])
    rows, columns = head["rows"], head["columns"]
    every = np.frombuffer(plain, dtype="<i4", offset=8 + length).reshape(len(columns), rows)
    fields = TABLES[name].record.model_fields
    data: dict[str, Any] = {}
    for at, column in enumerate(columns):
        if column["name"] not in fields:
            continue  # a field that this version no longer has
        values = np.array([*column["values"], None], dtype=object)
        data[column["name"]] = values[every[at]]  # code -1 is the last: nothing
    if not data:
        return as_frame(TABLES[name], {})
    return as_frame(TABLES[name], data)


def policy_of(content: Mapping[str, Any], run_id: str) -> Policy:
    """Read a stored policy; keys that its version did not know are this version's own.

    Raises
    ------
    LedgerError
        This version reads policies differently.
    """
    try:
        return policy_read_again(content)
    except PolicyError as error:
        raise LedgerError(
            Message("ledger.policy_unread", run=run_id, problem=error.args[0])
        ) from None
