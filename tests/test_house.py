"""The house: arrows between rooms point one way, and some rooms share nothing."""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from matcher.commands import Asked
from matcher.row_kinds import ROW_KINDS
from scenarios.cli import whole_app
from tests.sources import nodes_of, tree_of

ROOT = Path(__file__).parent.parent

ORDER = (
    # Each room may import itself and rooms before it.
    "clock",
    "week",
    "texts",
    "cpr",
    "errors",
    "private",
    "records",
    "row_kinds",
    "columns",
    "policy",
    "unknown",
    "problem",
    "rules",
    "tables",
    "chapters",
    "capacity",
    "workdays",
    "offers",
    "held",
    "engine",
    "formulation",
    "objectives",
    "plan",
    "queues",
    "solve",
    "horizon",
    "verify",
    "again",
    "explain",
    "imports",
    "report",
    "ledger",
    "erasure",
    "run_folder",
    "remake",
    "decisions",
    "contest",
    "dossier",
    "weekly",
    "usage",
    "streams",
    "console",
    "terminal",
    "commands",
    "notebook",
    "cli",
)
SHARES_NOTHING_WITH = {
    "engine": set(ORDER),
    "verify": {
        "row_kinds",
        "capacity",
        "workdays",
        "unknown",
        "offers",
        "held",
        "engine",
        "formulation",
        "solve",
        "horizon",
        "explain",
        "tables",
    },
    "tables": {"capacity", "offers", "engine", "formulation", "plan", "solve", "explain"},
    "offers": {"engine", "formulation", "plan", "tables"},
    "plan": {"engine", "offers", "formulation", "tables"},
    # The ledger keeps the record of a week, whoever solved, checked, explained or printed it.
    "ledger": {"engine", "offers", "formulation", "solve", "verify", "again", "explain", "report"},
}


@cache
def imports(path: Path) -> frozenset[str]:
    """Full names of all modules a file imports, wherever in the file."""
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return frozenset(found)


@cache
def files(package: str) -> tuple[Path, ...]:
    """All Python files of a package."""
    found = tuple(sorted((ROOT / package).rglob("*.py")))
    assert found, package
    return found


def at(path: Path) -> str:
    """How a file is named in what a test says."""
    return str(path.relative_to(ROOT))


def room(path: Path) -> str:
    """The room of matcher a file stands in."""
    return path.relative_to(ROOT / "matcher").parts[0].removesuffix(".py")


def test_arrows_in_matcher_point_one_way() -> None:
    """A room imports only rooms that stand before it, and none it must share nothing with."""
    assert [one for path in files("matcher") for one in _against_the_arrows(path)] == []


def _against_the_arrows(path: Path) -> Iterator[str]:
    here = room(path)
    for name in sorted(imports(path)):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top in {"scenarios", "tests", "benchmarks"}:
            yield f"{at(path)} imports {name}"
        elif top == "matcher" and other not in {"", here, "__version__"} and here != "__init__":
            shares_nothing = other in SHARES_NOTHING_WITH.get(here, set())
            if ORDER.index(other) >= ORDER.index(here) or shares_nothing:
                yield f"{at(path)} imports {name}"


def test_scenarios_import_matcher_through_public_names_only() -> None:
    """No underscore, no engine internals, no tests or benchmarks."""
    found = []
    for path in files("scenarios"):
        for name in sorted(imports(path)):
            parts = name.split(".")
            hidden = any(part.startswith("_") and part != "__version__" for part in parts)
            inside = parts[0] == "matcher" and (hidden or len(parts) > 3)
            if inside or name.startswith(("tests", "benchmarks")):
                found.append(f"{at(path)} imports {name}")
    assert found == []


def test_only_the_engine_calls_ortools() -> None:
    """Elsewhere its version may be named, nothing more."""
    calls = {
        at(path)
        for path in files("matcher")
        if any(name.split(".")[0] == "ortools" for name in imports(path))
    }
    assert {one for one in calls if not one.startswith("matcher/engine/")} == set()
    assert calls


def test_within_the_engine_solvers_know_nothing_of_the_methods() -> None:
    """And the methods nothing of the verb that calls them."""
    assert [one for path in files("matcher/engine") for one in _refused_within(path)] == []


def _refused_within(path: Path) -> Iterator[str]:
    inside = path.relative_to(ROOT / "matcher" / "engine").parts[0].removesuffix(".py")
    refused = {
        "errors": {"program", "options", "answer", "context", "method", "solvers", "solve"},
        "solvers": {"program", "options", "answer", "context", "method", "solve", "variations"},
        "program": {"options", "answer", "context", "method", "solvers", "solve", "variations"},
        "method": {"solve", "variations"},
    }.get(inside, set())
    for name in sorted(imports(path)):
        if name.startswith("matcher.engine.") and name.split(".")[2] in refused:
            yield f"{at(path)} imports {name}"


def test_the_engine_is_known_by_its_own_name_alone() -> None:
    """What it is made of can change without anybody else."""
    inside = {each.stem for each in files("matcher/engine")} | {"method", "solvers"}
    outside = [path for path in files("matcher") if room(path) != "engine"]
    outside += [path for path in files("tests") if "engine" not in path.parts]
    for path in (*outside, *files("scenarios"), *files("benchmarks")):
        for name in imports(path):
            if name.startswith("matcher.engine."):
                assert name.split(".")[2] not in inside - {"solve"}, f"{path} reaches into {name}"


TESTED_BY_ITSELF = {
    "context": {"Context"},
    "method": {
        "incumbent",
        "knapsack_bound",
        "knapsack_method",
        "price_method",
        "proof",
        "race",
        "tighten",
    },
    "method.claims": {"checked_outcome"},
    "method.cuts": {"RowBook", "as_row"},
    "method.dual_bound": {"dual_bound"},
    "method.gomory_cuts": {"separate_corners"},
    "method.incumbent": {"fill"},
    "method.knapsack_bound": {"Parts"},
    "method.knapsack_cuts": {"separate_rows"},
    "method.knapsack_search": {"KnapsackSearch", "knapsack_search"},
    "method.knapsacks": {"knapsacks_of", "rows_to_fill", "rows_worth_filling"},
    "method.large_neighbourhood": {"improve"},
    "method.packing": {"linear_model", "packing_of"},
    "method.presolve": {"presolve"},
    "method.prices": {"smooth_prices"},
    "method.reduced_cost_fixing": {"residual_program"},
    "method.tighten": {"tighten"},
    "solvers": {"AT_LOWER", "BASIC", "Basis", "apart"},
    "solvers.apart": {"Apart"},
    "solvers.interrupt": {"run_and_wait"},
    "solvers.output": {"give_back", "silenced"},
}
"""What tests of the engine take from its inside: passes that hold something by themselves."""


def test_the_engine_is_tested_through_its_face() -> None:
    """But for passes with a promise of their own; the list gets longer only by such a pass."""
    found: dict[str, set[str]] = {}
    for path in files("tests/engine"):
        for node in nodes_of(path):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("matcher.engine."):
                inside = found.setdefault(module.removeprefix("matcher.engine."), set())
                inside |= {name.name for name in node.names}
    for module, names in found.items():
        assert names <= TESTED_BY_ITSELF.get(module, set()), module
    assert not [name for names in found.values() for name in names if name.startswith("_")]


ABOVE_ASKING = ORDER[ORDER.index("again") + 1 :]
"""Rooms that know a solved week by its record and ask it again in words of the domain."""


def test_above_the_place_that_asks_again_nobody_knows_the_engine() -> None:
    """No type of it, no answer of it, no program."""
    above = [path for path in files("matcher") if room(path) in ABOVE_ASKING]
    assert above
    found = [one for path in (*above, *files("scenarios")) for one in _of_the_engine(path)]
    assert found == []


def _of_the_engine(path: Path) -> Iterator[str]:
    for name in sorted(imports(path)):
        if name == "matcher.engine" or name.startswith("matcher.engine."):
            yield f"{at(path)} imports {name}"
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute) and node.attr == "program":
            yield f"{at(path)}:{node.lineno}: a program"
        asked = isinstance(node, ast.Attribute) and node.attr == "answer"
        if asked and ast.unparse(node.value).endswith("solution"):
            yield f"{at(path)}:{node.lineno}: the solver's answer"


def test_what_is_imported_is_there() -> None:
    """Also what is imported by a function that is seldom called."""
    found = []
    for path in (*files("matcher"), *files("scenarios")):
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom) and node.module:
                parts = node.module.split(".")
                where = ROOT.joinpath(*parts)
                there = where.is_dir() or where.with_suffix(".py").is_file()
                if parts[0] in {"matcher", "scenarios"} and not there:
                    found.append(f"{at(path)}: {node.module}")
    assert found == []


def test_what_a_command_is_asked_with_is_a_record() -> None:
    """Options and arguments are fields, shared ones stand once, functions take the record."""
    found = []
    for path in (*files("matcher/cli"), *files("scenarios/cli"), ROOT / "matcher/commands.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef):
                taken = [one.attr for one in ast.walk(node.args) if isinstance(one, ast.Attribute)]
                options = [name for name in taken if name in {"Option", "Argument"}]
                # One: --version, of no command.
                if len(options) > 1 or len([*node.args.args, *node.args.kwonlyargs]) > 8:
                    found.append(f"{at(path)}: {node.name}")
    assert found == []


def test_an_option_that_several_commands_share_is_stated_once() -> None:
    """But where it means something else in each: the field has one declaration."""
    whole_app()
    records, waiting = set(), [Asked]
    while waiting:
        records |= {part for part in waiting[-1].__mro__ if part is not object}
        waiting += waiting.pop().__subclasses__()
    stated = Counter(name for one in records for name in vars(one).get("__annotations__", ()))
    assert len(stated) > 40
    several = {name for name, count in stated.items() if count > 1}
    assert several == {
        "citizen", "context", "costs", "data", "file", "folder", "lang", "most", "out", "run",
        "seed",
    }  # fmt: skip


def test_there_is_no_room_for_odds_and_ends() -> None:
    """A file's name says what it decides."""
    names = {path.stem for package in ("matcher", "scenarios") for path in files(package)}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


COLUMNS_OF_THAT_NAME = {
    "mentor_hours": {
        "matcher/decisions/form.py", "matcher/decisions/next_week.py",
        "matcher/explain/not_known.py", "matcher/explain/own_facts.py",
        "matcher/ledger/arrivals.py", "matcher/report/rows.py",
        "matcher/offers/encoded_week.py", "matcher/records/unlimited.py", "matcher/rules.py",
        "scenarios/population/citizens.py", "scenarios/population/history.py",
        "scenarios/population/openings.py", "scenarios/population/spec.py",
        "scenarios/year/from_ledger.py", "scenarios/year/town.py", "benchmarks/year/worlds.py",
    },
    "budget": {"matcher/offers/rebuild.py", "matcher/policy/load.py"},
    "course_seats": {"scenarios/population/spec.py", "benchmarks/year/worlds.py"},
    "caseload": {"scenarios/population/spec.py"},
}  # fmt: skip
"""Where a kind of row has the name of a column, of a key, or of a number of a made-up week."""


@cache
def texts_in(path: Path) -> set[str]:
    """All texts in the code of a file that are no docstrings."""
    docs = {id(node.value) for node in nodes_of(path) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }


@pytest.mark.parametrize("package", ["matcher", "scenarios", "benchmarks"])
def test_no_kind_of_row_is_named_outside_the_registry(package: str) -> None:
    """What is the same for all kinds iterates them; texts and the verifier stand by themselves."""
    own = {"matcher/row_kinds.py"}
    for path in files(package):
        name = path.relative_to(ROOT).as_posix()
        # A migration speaks of what earlier versions wrote, whatever the registry says today.
        if name in own or name.startswith(("matcher/verify/", "matcher/ledger/migrations/")):
            continue
        for text in texts_in(path):
            for kind in set(ROW_KINDS) & set(re.findall(r"\w+", text)):
                if name not in COLUMNS_OF_THAT_NAME.get(kind, ()):
                    raise AssertionError(f"{name} names {kind}: '{text}'")


def test_no_code_asks_whether_the_language_is_danish() -> None:
    """What differs between languages stands in their catalogues; another one is another file."""
    asks = re.compile(r"""[!=]=\s*["'](?:da|en)["']|["'](?:da|en)["']\s+if\b|1 if .*["']da["']""")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for room in ("matcher", "scenarios")
        for path in sorted((ROOT / room).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if asks.search(line)
    ]
    assert found == []


def _used(path: Path) -> set[str]:
    """Modules of the house that a file imports when it runs; imports for types alone left out."""
    types_alone = {
        id(inner)
        for node in nodes_of(path)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and id(node) not in types_alone and node.module:
            for name in (f"{node.module}.{one.name}" for one in node.names):
                where = ROOT.joinpath(*name.split("."))
                whole = where.with_suffix(".py").is_file() or (where / "__init__.py").is_file()
                found.add(name if whole else node.module)
    return {name for name in found if name.split(".")[0] in {"matcher", "scenarios"}}


def test_no_files_need_each_other() -> None:
    """Within a room, too, arrows point one way: taking away what needs nothing leaves nothing."""
    needs = {}
    for path in [*files("matcher"), *files("scenarios")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        needs[name] = _used(path) - {name}
    while free := {name for name, others in needs.items() if not others & set(needs)}:
        for name in free:
            del needs[name]
    # A room's face imports its files; what is left must not be files that need one another.
    faces = {name for name in needs if ROOT.joinpath(*name.split("."), "__init__.py").is_file()}
    assert set(needs) - faces == set()


CALLED_BY_LIBRARIES = {
    "handle_starttag", "handle_endtag", "handle_data",  # html.parser
    "process_bind_param", "process_result_value",  # SQLAlchemy
    "writable",  # io
}  # fmt: skip


def test_everything_is_called_somewhere() -> None:
    """A function whose name stands nowhere else is kept for nothing; tests alone do not count."""
    places = [(ROOT / package).rglob("*") for package in ("matcher", "scenarios", "benchmarks")]
    texts = [
        path.read_text("utf-8")
        for path in itertools.chain(*places, (ROOT / "docs").glob("*.md"))
        if path.suffix in {".py", ".j2", ".md"}
    ]
    words = Counter(word for text in texts for word in re.findall(r"\w+", text))
    for path in [*files("matcher"), *files("scenarios")]:
        for node in nodes_of(path):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or words[node.name] > 1:
                continue
            # Pages are called by their address, validators by the record they stand in.
            hook = node.name.startswith("_") and node.name.endswith("_")
            if not node.decorator_list and node.name not in CALLED_BY_LIBRARIES and not hook:
                raise AssertionError(f"{path.relative_to(ROOT)}: nobody calls {node.name}")


def test_no_two_classes_have_one_name() -> None:
    """But the options of a command, which are named as it is, and the engine's own.

    The engine is a program by itself that knows no other room; a command's record is made by the
    parser alone.
    """
    rooms: dict[str, list[str]] = {}
    for path in [*files("matcher"), *files("scenarios")]:
        where = path.relative_to(ROOT)
        if where.parts[:2] == ("matcher", "engine") or where.parts[1] == "cli":
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                rooms.setdefault(node.name, []).append(str(where))
    twice = {name: where for name, where in rooms.items() if len(where) > 1}
    assert twice == {}
