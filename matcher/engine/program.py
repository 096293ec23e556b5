"""The program: groups, columns, rows and tiers as arrays, validated once.

Hides the decision of how an optimisation program is represented and what makes one legal.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.errors import ArithmeticRangeError, ProgramError

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

UNBOUNDED = 2**62
"""An `upper` of at least this has no upper side; a `lower` of at most its negative, no lower."""

_SAFE = 2**62
_COLUMNS = frozenset(("group", "n_groups", "uses", "fixed", "forbidden"))
"""Fields that say which columns there are and what they use."""
_PREVIEW = 5
_MOST_INDEX = 2**31


@dataclass(frozen=True, eq=False)
class Program:
    """Choose at most (or exactly) one column of each group, within the rows, tier by tier.

    The mathematics is in the docstring of :mod:`matcher.engine`. Arrays are converted to
    the stated dtypes, made read-only and never modified; a caller's own array is copied only
    when its dtype differs.

    Raises
    ------
    ProgramError
        When shapes, ranges or dtypes contradict this description; all problems found are
        listed, one per line.
    ArithmeticRangeError
        When a sum the engine must form exactly could leave 64-bit integers.
    """

    group: Int64
    """Group of each column, int64 [n], 0..n_groups-1, in any order."""
    n_groups: int
    """Number of groups (count); groups without a column are legal."""
    gains: Int64
    """Gain of each column in each tier, int64 [tiers, n], most important tier first."""
    uses: sp.csr_array
    """Use of row r by column o, int64 sparse [m, n]; negative uses are legal."""
    upper: Int64
    """Most the chosen columns may use of each row, int64 [m]; `UNBOUNDED`: no such side."""
    lower: Int64 | None = None
    """Least they must use, int64 [m]; `-UNBOUNDED`: no such side. None: no row has one."""
    maximise: tuple[bool, ...] | None = None
    """Per tier: maximise (True) or minimise (False). None: all are maximised."""
    exactly_one: Bool | None = None
    """Groups that must get a column, bool [n_groups]. None: none must."""
    fixed: Int64 | None = None
    """Columns that must be chosen, int64 indices. None: none."""
    forbidden: Int64 | None = None
    """Columns that must not be chosen, int64 indices. None: none."""
    row_names: Sequence[str] | None = None
    """Names of the rows, for messages only."""
    group_names: Sequence[str] | None = None
    """Names of the groups, for messages only."""
    of_columns: dict[str, Any] = field(default_factory=dict, repr=False)
    """What was found out about columns and their uses alone; programs that differ in other things
    share it. It changes the time of a solve, never the answer."""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "group", _integers("group", self.group, 1))
        put(self, "gains", _integers("gains", self.gains, 2))
        put(self, "upper", _integers("upper", self.upper, 1))
        put(self, "uses", _sparse(self.uses))
        for name in ("lower", "fixed", "forbidden"):
            if getattr(self, name) is not None:
                put(self, name, _integers(name, getattr(self, name), 1))
        if self.exactly_one is not None:
            put(self, "exactly_one", np.asarray(self.exactly_one, dtype=np.bool_))
        if self.maximise is not None:
            put(self, "maximise", tuple(bool(flag) for flag in self.maximise))
        issues = self._issues()
        if issues:
            raise ProgramError("\n".join(issues))
        self._check_range()

    @property
    def n_columns(self) -> int:
        """Number of columns, n (count)."""
        return int(self.group.size)

    @property
    def n_rows(self) -> int:
        """Number of rows, m (count)."""
        return int(self.upper.size)

    @property
    def n_tiers(self) -> int:
        """Number of tiers (count), at least one."""
        return int(self.gains.shape[0])

    @property
    def senses(self) -> tuple[bool, ...]:
        """Per tier: True when it is maximised."""
        return self.maximise if self.maximise is not None else (True,) * self.n_tiers

    @property
    def lower_sides(self) -> Int64:
        """Lower side of every row, int64 [m], `-UNBOUNDED` where there is none."""
        if self.lower is not None:
            return self.lower
        return np.full(self.n_rows, -UNBOUNDED, dtype=np.int64)

    def replace(self, **changes: Any) -> Self:
        """Return this program with some fields changed, validated again."""
        if not _COLUMNS.isdisjoint(changes):
            changes["of_columns"] = {}
        return replace(self, **changes)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy in another process is made from."""
        return {**self.__dict__, "of_columns": {}}

    def row_name(self, row: int) -> str:
        """Name of a row for messages; its number when the rows have no names."""
        return f"row {row}" if self.row_names is None else str(self.row_names[row])

    def group_name(self, group: int) -> str:
        """Name of a group for messages; its number when the groups have no names."""
        return f"group {group}" if self.group_names is None else str(self.group_names[group])

    def digest(self) -> str:
        """Return a stable SHA-256 of everything that can change an answer; names excluded."""
        seal = hashlib.sha256(b"jobmatch.engine.program.1")
        uses = self.uses
        for item in fields(self):
            if item.name in ("row_names", "group_names", "uses", "of_columns"):
                continue
            value = getattr(self, item.name)
            seal.update(item.name.encode())
            if isinstance(value, np.ndarray):
                seal.update(repr(value.shape).encode() + np.ascontiguousarray(value).data)
            else:
                seal.update(repr(value).encode())
        for part in (uses.indptr, uses.indices, uses.data):
            seal.update(np.ascontiguousarray(part, dtype=np.int64).data)
        return seal.hexdigest()

    def _issues(self) -> list[str]:
        n, m, issues = self.n_columns, self.n_rows, []
        if self.n_groups < 0:
            issues.append(f"n_groups = {self.n_groups}, expected >= 0.")
        if self.gains.shape[0] < 1 or self.gains.shape[1] != n:
            issues.append(f"gains has shape {self.gains.shape}, expected (at least 1, {n}).")
        if self.uses.shape != (m, n):
            issues.append(f"uses has shape {self.uses.shape}, expected ({m}, {n}).")
        issues += _outside("group", self.group, self.n_groups)
        for name in ("fixed", "forbidden"):
            indices = getattr(self, name)
            if indices is not None:
                issues += _outside(name, indices, n)
        if self.lower is not None and self.lower.size != m:
            issues.append(f"lower has {self.lower.size} entries, expected {m}.")
        elif self.lower is not None and (self.lower > self.upper).any():
            rows = np.flatnonzero(self.lower > self.upper)
            shown = ", ".join(
                f"{self.row_name(r)}: {self.lower[r]} > {self.upper[r]}"
                for r in rows[:_PREVIEW].tolist()
            )
            issues.append(f"lower exceeds upper in {rows.size} rows: {shown}.")
        if self.exactly_one is not None and self.exactly_one.shape != (self.n_groups,):
            issues.append(
                f"exactly_one has shape {self.exactly_one.shape}, expected ({self.n_groups},)."
            )
        if self.maximise is not None and len(self.maximise) != self.gains.shape[0]:
            issues.append(
                f"maximise has {len(self.maximise)} entries, expected {self.gains.shape[0]}."
            )
        for name, names, size in (
            ("row_names", self.row_names, m),
            ("group_names", self.group_names, self.n_groups),
        ):
            if names is not None and len(names) != size:
                issues.append(f"{name} has {len(names)} entries, expected {size}.")
        return issues

    def _check_range(self) -> None:
        """Refuse numbers whose exact sums over one column per group could overflow int64."""
        most_gain = _magnitude(self.gains)
        most_use = _magnitude(self.uses.data)
        for name, most in (("gains", most_gain), ("uses", most_use)):
            if most * max(1, self.n_groups) >= _SAFE:
                message = (
                    f"{name} reach {most} in size; with {self.n_groups} groups a sum could leave "
                    f"64-bit integers.\nMaybe divide them by a common factor."
                )
                raise ArithmeticRangeError(message)


def _magnitude(values: npt.NDArray[Any]) -> int:
    """Return the largest absolute value as a Python integer (0 when there are none)."""
    if values.size == 0:
        return 0
    return max(abs(int(values.max())), abs(int(values.min())))


def _integers(name: str, values: Any, ndim: int) -> Int64:
    """Return values as a read-only int64 array; floats and wrong dimensions are refused."""
    array = np.asarray(values)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    if array.ndim != ndim:
        message = f"{name} has {array.ndim} dimensions, expected {ndim}."
        raise ProgramError(message)
    if array.dtype.kind not in "iub":
        message = f"{name} holds {array.dtype}, expected integers.\nMaybe scale and round first."
        raise ProgramError(message)
    if array.dtype == np.uint64 and array.size and int(array.max()) >= 2**63:
        message = f"{name} reaches {int(array.max())}, beyond signed 64-bit integers."
        raise ProgramError(message)
    view = array.astype(np.int64, copy=False).view()
    view.flags.writeable = False
    return view


def _sparse(uses: Any) -> sp.csr_array:
    """Return uses as an int64 CSR array with sorted indices and no duplicates."""
    matrix = sp.csr_array(uses)
    if matrix.dtype.kind not in "iub" and matrix.nnz:
        message = f"uses holds {matrix.dtype}, expected integers.\nMaybe scale and round first."
        raise ProgramError(message)
    if matrix.dtype != np.int64:
        matrix = matrix.astype(np.int64)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    if matrix.indices.dtype != np.int32 and max(*matrix.shape, matrix.nnz) < _MOST_INDEX:
        # Half the memory of what is largest here, and what linear programs need anyway.
        parts = (matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32))
        matrix = sp.csr_array(parts, shape=matrix.shape)
    return matrix


def _outside(name: str, indices: Int64, size: int) -> list[str]:
    wrong = np.flatnonzero((indices < 0) | (indices >= size))
    if not wrong.size:
        return []
    shown = ", ".join(f"{name}[{i}] = {indices[i]}" for i in wrong[:_PREVIEW].tolist())
    return [f"{name}: {wrong.size} entries outside 0..{size - 1}: {shown}."]
