"""The pages say what the program does: rules, components, rows, README's commands and examples."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from matcher import formulation
from matcher.dossier.filling import OFFER_TESTS, VERIFIER_TESTS, outline
from matcher.policy import Policy, Section, Weights, load_policy
from matcher.records import HEALTH_CODES, PAPERS, TABLES, Holidays
from matcher.row_kinds import ROW_KINDS
from matcher.rules import RULES
from matcher.texts import LANGUAGES, catalogue
from matcher.usage import tell_help
from scenarios import cli
from tests.weeks import TODAY

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
CI = (ROOT / ".ci" / "run").read_text("utf-8")


def section(heading: str) -> str:
    """Text of the rules page under a heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert found, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """Ids in backticks in the first column of the tables of a text."""
    ids: list[str] = []
    for line in text.splitlines():
        if line.startswith("| `"):
            ids += re.findall(r"`([^`]+)`", line.split("|")[1])
    return ids


def expanded(name: str) -> set[str]:
    """Rule ids that an id of the page stands for: families and `a/b` written short."""
    if name == "health_*":
        return {f"health_{code}" for code in HEALTH_CODES}
    if name == "paper_*":
        return {f"paper_{code}" for code in PAPERS}
    if name.endswith("_min/max"):
        stem = name.removesuffix("min/max")
        return {f"{stem}min", f"{stem}max"}
    return {name}


def fenced(text: str, language: str) -> list[str]:
    """Code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


# ------------------------------------------------------------------------------ docs/rules.md


def test_every_rule_has_a_line_on_the_page_under_its_scope() -> None:
    """Rules on citizen and opening, rules on the measure, and the two on finished offers."""
    pair = first_cells(section("Hard rules on citizen and opening"))
    measure = first_cells(section("Hard rules on the measure"))
    stated = {
        "pair": {rule for name in pair for rule in expanded(name)},
        "measure": {rule for name in measure for rule in expanded(name)},
    }
    by_scope: dict[str, set[str]] = {"pair": set(), "measure": set(), "offer": set()}
    for rule in RULES.values():
        scope = "pair" if rule.scope in {"citizen", "opening"} else rule.scope
        by_scope[scope].add(rule.id)
    assert stated["pair"] == by_scope["pair"]
    assert stated["measure"] == by_scope["measure"]
    assert all(f"`{rule}`" in PAGE for rule in by_scope["offer"])


def test_no_rule_has_two_lines() -> None:
    """Two lines would contradict each other one day."""
    both = ("Hard rules on citizen and opening", "Hard rules on the measure")
    ids = [rule for name in both for one in first_cells(section(name)) for rule in expanded(one)]
    assert len(set(ids)) == len(ids)


def test_components_are_the_policys_weights_in_their_order() -> None:
    """One line each."""
    assert first_cells(section("Fit")) == list(Weights.model_fields)


def test_rows_are_those_of_the_formulation_with_their_index() -> None:
    """`citizen_once` is the group of a citizen; each other row is a function of that name."""
    stated = [
        re.fullmatch(r"(\w+)\[([a-z,]+)\]", one)
        for one in first_cells(section("Rows of the model"))
    ]
    assert all(stated)
    names = [one[1] for one in stated if one]
    assert names == ["citizen_once", *ROW_KINDS]
    for one in stated:
        if one and one[1] != "citizen_once":
            docstring = getattr(formulation, one[1]).__doc__
            assert docstring.startswith(f"{one[0]}: "), one[0]


def test_tiers_are_told_in_the_order_they_are_solved() -> None:
    """Priority, then fit, then the tie-break."""
    text = section("Rows of the model")
    at = [
        text.index(words) for words in ("(1) Σ priority", "(2) Σ (fit", "(3) a canonical tie-break")
    ]
    assert at == sorted(at)
    assert len(formulation.TIERS) == 3


@cache
def known_names() -> set[str]:
    """Names a backtick on the page may hold: columns, codes, keys of the policy, rules, rows."""
    names = {"code", "demand", "limit", "Class", "Course", "Mentor", *map(str, Holidays)}
    for table in TABLES.values():
        names |= {table.name, *table.record.model_fields}
    names |= set(RULES) | set(ROW_KINDS) | {"citizen_once"}
    policy = load_policy(TODAY)
    content = {**load_policy(dt.date(2025, 1, 1)).model_dump(), **policy.model_dump()}
    for key, value in content.items():
        names.add(key)
        if isinstance(value, dict):
            names |= {str(inner) for inner in value}
            names |= {f"{key}.{inner}" for inner in value}
            # A part of a part is called by its own name.
            for inner, part in value.items():
                names |= {f"{inner}.{deep}" for deep in part} if isinstance(part, dict) else set()
    names |= set(policy.duty_week.counts)
    for measure in policy.measures.values():
        names |= set(type(measure).model_fields)
    names |= set(Weights.model_fields)
    for info in Policy.model_fields.values():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            names |= set(info.annotation.model_fields)
    codes: Any
    for codes in (TABLES["citizens"].record, TABLES["workplaces"].record):
        for field in codes.model_fields.values():
            names |= {
                str(member) for member in getattr(field.annotation, "__members__", {}).values()
            }
    return names


def test_everything_in_backticks_exists() -> None:
    """A column, a coded value, a key of the policy, a rule, a row, a function or a command."""
    unknown = []
    for name in sorted(set(re.findall(r"`([^`\n]+)`", PAGE))):
        if name.startswith("jobmatch "):
            assert name.split()[1] in commands(), name
        elif name.startswith("matcher."):
            module, _, attribute = name.rpartition(".")
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                assert hasattr(importlib.import_module(module), attribute), name
        elif not (expanded(re.sub(r"\[.*\]$", "", name)) <= known_names()):
            unknown.append(name)
    assert unknown == []


def test_the_readme_points_at_the_page_of_rules() -> None:
    """And at a picture that is there."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target
    assert "docs/rules.md" in README


# ------------------------------------------------------------------------------ README


def test_the_readmes_policy_is_one_the_program_takes(tmp_path: Path) -> None:
    """As printed: known keys, right types, and every key changes something."""
    blocks = fenced(README, "toml")
    assert len(blocks) == 1
    file = tmp_path / "ours.toml"
    file.write_text(blocks[0], "utf-8")
    policy = load_policy(TODAY, file)
    keys = [line for line in blocks[0].splitlines() if re.match(r"\w+ *=", line)]
    assert len(policy.overrides) == len(keys) == 3


@cache
def commands() -> Mapping[str, Any]:
    """Subcommands of the command as it is started."""
    group: Any = typer.main.get_command(cli.whole_app())
    tell_help(group, "en")
    found: Mapping[str, Any] = group.commands
    return found


def shell_lines() -> list[str]:
    """Lines of the README's shell blocks, and commands inside its text, without comments."""
    blocks = "\n".join(fenced(README, "sh")).splitlines()
    inside = [code for code in re.findall(r"`([^`\n]+)`", README) if code.startswith("jobmatch ")]
    return [re.sub(r"\s+#.*$", "", line) for line in [*blocks, *inside]]


def calls() -> list[list[str]]:
    """Words after `jobmatch` of every call in the README, up to the end of the command."""
    found = []
    for line in shell_lines():
        for call in re.findall(r"(?:^|[\s/])jobmatch ([^&|>;]+)", line):
            words = call.split()
            found.append([word for word in words if word not in {"2", "1"}])
    return found


def test_every_subcommand_is_in_the_readme() -> None:
    """And the README names none that is not there."""
    named = {words[0] for words in calls()}
    assert named == set(commands())


def test_every_option_in_the_readme_exists() -> None:
    """On the subcommand it is shown with."""
    for words in calls():
        command = commands()[words[0]]
        command = getattr(command, "commands", {}).get((words[1:] or [""])[0], command)
        options = {
            name
            for parameter in command.params
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words[1:]:
            if word.startswith("-"):
                assert word in options, " ".join(words)


def test_options_in_comments_of_the_readme_exist_somewhere() -> None:
    """`--lang da: Danish names` is a promise, too."""
    known = {
        name
        for group in commands().values()
        for command in (group, *getattr(group, "commands", {}).values())
        for parameter in command.params
        for name in parameter.opts
    }
    for line in "\n".join(fenced(README, "sh")).splitlines():
        if line.startswith("jobmatch "):
            assert set(re.findall(r"--[a-z-]+", line)) <= known, line


def test_every_option_explains_itself() -> None:
    """A sentence of help each."""
    for name, group in commands().items():
        for command in (group, *getattr(group, "commands", {}).values()):
            for parameter in command.params:
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"
            assert command.help, name


@pytest.mark.parametrize("marker", ["run", "tests"])
def test_the_two_commands_stand_behind_their_markers(marker: str) -> None:
    """One line in one shell block right after the marker, and the marker once."""
    assert README.count(f"<!-- {marker} -->") == 1
    found = re.search(rf"^<!-- {marker} -->\n```sh\n(.+)\n```$", README, re.M)
    assert found
    assert found[1].startswith("python3 -m venv .venv && ")
    assert "-c constraints.txt" in found[1]


def test_the_ci_script_finds_the_test_command_by_its_marker() -> None:
    """Its own line of sed is run: it gives the block after the marker, and only that."""
    found = re.search(r"^test_command=\$\(.*\)$", CI, re.M)
    assert found, "the line that reads the README"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f'{found[0]}\nprintf %s "$test_command"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    block = re.search(r"<!-- tests -->\n```sh\n(.*?)\n```", README, re.S)
    assert block
    assert done.stdout == block[1]
    assert "pytest" in done.stdout


def test_the_readme_names_the_files_of_a_run_and_the_parts_of_the_program() -> None:
    """Paths in backticks that look like our own are there."""
    for name in re.findall(r"`((?:matcher|scenarios|docs|tests)/[\w/.]+)`", README):
        assert (ROOT / name).exists(), name


def test_every_figure_has_a_command_that_is_here() -> None:
    """Benchmarks named on the pages are there, and each row of figures names its command."""
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text("utf-8")
        for module in re.findall(r"python -m (benchmarks[\w.]*)", text):
            assert importlib.util.find_spec(module.rstrip(".")), f"{page.name}: {module}"
        for path in re.findall(r"python -m pytest (benchmarks/\w+)", text):
            assert (ROOT / path).exists(), f"{page.name}: {path}"
    figures = (ROOT / "docs" / "figures.md").read_text("utf-8")
    measured = figures[: figures.index("## The optimiser beside others")]
    rows = [line for line in measured.splitlines() if re.match(r"\| (?!what )\w", line)]
    assert len(rows) > 10
    for row in rows:
        assert re.search(r"`(python -m|jobmatch) |the same", row.split("|")[3]), row


# ------------------------------------------------------------------------------ the way in


def rows_of(page: str) -> list[list[str]]:
    """Cells of all rows of the tables of a page, without the heads."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and not set(line) <= set("|-: ")
    ]


def test_every_room_of_the_house_is_on_its_page() -> None:
    """Once, with what it decides; the packages' own modules and data files left out."""
    named = [
        name
        for cells in rows_of("architecture.md")
        if len(cells) == 2 and not cells[1].startswith("`")
        for name in re.findall(r"^`\w+`|(?<=, )`\w+`", cells[0])
    ]
    rooms = [
        f"`{path.stem}`"
        for package in ("matcher", "scenarios")
        for path in sorted((ROOT / package).iterdir())
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    ]
    assert sorted(named) == sorted(rooms)


def test_what_the_page_of_the_house_points_at_is_there() -> None:
    """Files and folders in backticks; functions are looked up in their room."""
    for _, where in (cells for cells in rows_of("architecture.md") if "/" in cells[1]):
        for path in re.findall(r"`((?:matcher|scenarios)/[\w/.]+)`", where):
            assert (ROOT / path).exists(), path
        for name in re.findall(r"`([a-z_]+)`", where):
            folder = ROOT / re.findall(r"`(matcher/[\w/.]+)`", where)[0]
            sources = [
                path.read_text("utf-8")
                for path in folder.rglob("*.*")
                if "__pycache__" not in path.parts
            ]
            assert any(re.search(rf"^(def {name}\(|\[{name}\b)", text, re.M) for text in sources), (
                name
            )


def test_words_of_the_glossary_are_in_the_code() -> None:
    """A class, a function, a field or a module of that name, where the page says."""
    words = [cells for cells in rows_of("glossary.md") if len(cells) == 4 and cells[0] != "English"]
    assert len(words) > 35
    assert len({cells[0] for cells in words}) == len(words)
    for english, danish, code, means in words:
        assert danish, english
        assert means, english
        (name,) = re.findall(r"^`([\w.*]+)`", code)
        room, _, rest = name.partition(".")
        if not rest:
            everything = {
                *TABLES["citizens"].record.model_fields,
                *TABLES["openings"].record.model_fields,
            }
            everything |= set(TABLES["workplaces"].record.model_fields) | set(
                TABLES["caseworkers"].record.model_fields
            )
            known = any(re.fullmatch(name.replace("*", r"\w+"), field) for field in everything)
            assert (
                known
                or (ROOT / "matcher" / room).exists()
                or (ROOT / "matcher" / f"{room}.py").exists()
            ), name
            continue
        module = importlib.import_module("scenarios" if room == "scenarios" else f"matcher.{room}")
        if room == "policy" and rest[0].islower():
            assert rest in Policy.model_fields, name
            continue
        thing = module
        for part in rest.split("."):
            if not hasattr(thing, part) and hasattr(thing, "__path__"):
                thing = importlib.import_module(f"{thing.__name__}.{part}")
            elif not hasattr(thing, part):
                assert part in getattr(thing, "__dataclass_fields__", {}), name
            else:
                thing = getattr(thing, part)


def test_every_page_is_reached_from_the_readme_or_a_page_it_names() -> None:
    """Nobody finds a page that nothing points at; no link leads nowhere."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text("utf-8")):
            target = (page.parent / link).resolve()
            assert target.exists(), f"{page.name} -> {link}"
            waiting.append(target)
    assert {path.resolve() for path in (ROOT / "docs").glob("*.md")} <= {
        path.resolve() for path in seen
    }


# ------------------------------------------------------------------------------ the dossier


def test_tests_that_the_dossier_names_are_there() -> None:
    """A sentence for lawyers says where it is tested: whoever renames the test renames it there."""
    named = {one["test"] for one in outline()["sentence"].values() if "test" in one}
    named |= {f"{OFFER_TESTS}::test_every_rule_of_the_registry_is_planted"}
    named |= {f"{VERIFIER_TESTS}::test_every_rule_has_a_planted_violation"}
    assert len(named) > 15
    for node in sorted(named):
        file, _, name = node.partition("::")
        assert (ROOT / file).is_file(), node
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.M), node


def test_every_sentence_of_the_dossier_is_a_fact_a_tested_claim_or_a_blank() -> None:
    """One of them, with words in every language; every sentence is used, and none is missing."""
    sentences, used = outline()["sentence"], set()
    for name, spec in sentences.items():
        kinds = [bool(spec.get("facts") or spec.get("acts")), "test" in spec, "blank" in spec]
        assert sum(kinds) == 1, name
        assert all(f"dossier.{name}" in catalogue(language) for language in LANGUAGES), name
        used |= {spec["without"]} if "without" in spec else set()
    for paper in outline()["paper"]:
        for chapter in paper["chapters"]:
            used |= {one for one in chapter["content"] if isinstance(one, str)}
    for field in (*outline()["dutch"].values(), *outline()["atrs"]):
        used |= set(field["says"])
    assert used == set(sentences)
