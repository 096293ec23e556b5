"""Random damage to the files of a week, from a seed: whatever happens is an error of the input.

A mutation is bytes changed, lost or put in: anywhere in a file, or within a part of a workbook that
is packed whole again (what a checksum cannot see). Each is read with :func:`matcher.tables.check`;
it must end in a reading that has lost no row, or in an error that says what cannot be read.
"""

from __future__ import annotations

import io
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from matcher.errors import OptionError
from matcher.policy import Policy
from matcher.tables import check, write_folder

FORMS = ("csv", "excel", "parquet", "sql")
PUT_IN = (b'"', b"\r", b"\n", b"\0", b";", b",", b"\xff", b"\xc3", b"<", b">", b"&", b"=", b"\r\n",
          b"'", b"\x1a", b"#N/A", b"9" * 40, b"\xe2\x80\xa8", b"\t", b"&#0;")  # fmt: skip

KINDS = ("flip", "flip", "write", "lose", "put in", "put in", "put in", "twice", "cut")


@dataclass(frozen=True)
class Fault:
    """A mutation that ended otherwise than it may."""

    form: str
    seed: int
    what: str
    error: BaseException


def mutated(data: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Change some bytes; say how."""
    if not data:
        return b"\0", "one byte"
    kind = chance.choice(
        ("flip", "flip", "write", "lose", "put in", "put in", "put in", "twice", "cut")
    )
    at = chance.randrange(len(data))
    length = chance.choice((1, 1, 2, 8, 64, 500))
    if kind == "flip":
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 3, 20))):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed), "bits flipped"
    if kind == "write":
        return data[:at] + chance.randbytes(length) + data[at + length :], f"{at}: {length} written"
    if kind == "lose":
        return data[:at] + data[at + length :], f"{at}: {length} lost"
    if kind == "put in":
        piece = chance.choice(PUT_IN)
        return data[:at] + piece + data[at:], f"{at}: {piece!r} put in"
    if kind == "twice":
        return data[:at] + data[at : at + length] + data[at:], f"{at}: {length} twice"
    return data[:at], f"cut at {at}"


def mutated_part(data: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Change some bytes of one part of a packed file, and pack it whole again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {item.filename: archive.read(item) for item in archive.infolist()}
    chosen = chance.choice(sorted(parts))
    parts[chosen], what = mutated(parts[chosen], chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue(), f"{chosen}: {what}"


def odd_cell(path: Path, chance: random.Random) -> str:
    """Put a value into a SQLite table that is none of its type."""
    values = ("CAST(x'ff41' AS TEXT)", "x'00ff'", "9e999", "'a' || char(0) || 'b'", "char(13)",
              "9223372036854775807", "'a' || char(13) || char(10) || 'b'")  # fmt: skip
    base = sqlite3.connect(path)
    try:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master ORDER BY name")]
        table = chance.choice(tables)
        columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
        column, value = chance.choice(columns), chance.choice(values)
        base.execute(f'UPDATE {table} SET "{column}" = {value} WHERE rowid = 1')
        base.commit()
    finally:
        base.close()
    return f"{table}.{column} = {value}"


def damage(address: Path, form: str, chance: random.Random) -> str:
    """Damage one file of a week; say what was done."""
    if form == "sql" and chance.random() < 0.3:
        return odd_cell(address, chance)
    files = [address] if address.is_file() else sorted(address.iterdir())
    path = chance.choice(files)
    change = mutated_part if form == "excel" and chance.random() < 0.7 else mutated
    changed, what = change(path.read_bytes(), chance)
    path.write_bytes(changed)
    return f"{path.name}: {what}"


def faults(
    tables: Mapping[str, pd.DataFrame],
    policy: Policy,
    folder: Path,
    seeds: range,
    forms: tuple[str, ...] = FORMS,
    told: Callable[[str, int], None] = lambda form, seed: None,
) -> Iterator[Fault]:
    """Damage a week once for each seed and read it; give what ended as it must not."""
    good = {
        form: Path(write_folder(tables, folder / form, format=form).removeprefix("sqlite:///"))
        for form in forms
    }
    for seed in seeds:
        form = forms[seed % len(forms)]
        chance = random.Random(seed)
        place = folder / "damaged"
        shutil.rmtree(place, ignore_errors=True)
        if good[form].is_dir():
            shutil.copytree(good[form], place)
            address = place
        else:
            place.mkdir()
            address = place / good[form].name
            shutil.copy(good[form], address)
        what = damage(address, form, chance)
        told(form, seed)
        try:
            reading = check(address, policy, policy.on)
            reading.to_dict()
            for name, count in reading.counts.items():
                aside = len(reading.quarantine.get(name, ()))
                faulty = any(f"'{name}'" in reason for reason in reading.why_not)
                if count.kept + aside != count.read and not faulty:
                    raise AssertionError(f"{name}: {count.read} read, {count.kept} kept, {aside}")
        except OptionError:
            continue
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of a library is no Exception
            yield Fault(form, seed, what, error)
