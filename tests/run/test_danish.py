"""With `--lang da` nobody reads English: not in answers, errors, help or pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcher.texts import LANGUAGES, catalogue
from scenarios.cli import main, whole_app

DAY = "2026-11-23"
ENGLISH = re.compile(
    r"\b(the|and|of|are|is|not|this|that|which|must|cannot|expected|where|been|was|were|its|it|"
    r"or|rows?|nothing|none|about|more|missing|weeks?|seconds|proven|same|file|no such|"
    r"options|commands|arguments|default|usage|error)\b",
    re.IGNORECASE,
)
"""Words that English has and Danish has not."""
_NO_TEXT = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|»[^«]*«"  # quoted: names, cells, what is to be typed
    r"|\S*[/\\=_]\S*|\S+\.(?:toml|csv|xlsx|docx|sqlite|html|json)\S*"  # paths, ids, settings
    r"|--[\w-]+|\[?\b[A-Z]{2,}\b\S*"  # options and their metavariables
    r"|<[^>]*>|\[[^]]*\]|^ *(?:kilde|target_group.source|citizens|openings|teams): .*$"
    r"|^ *\w+:(?: \w+ \S+,?)+$|^ *\w+: \w+$",
    re.MULTILINE,
)
"""What is no sentence of the program: names, paths, and a policy's own keys and sources."""


def english_in(text: str) -> list[str]:
    """Lines with a word that Danish does not have."""
    return [line for line in text.splitlines() if ENGLISH.search(_NO_TEXT.sub(" ", line))]


def seen_in(page: Path) -> str:
    """What a reader sees of a page, hovering included."""
    text = re.sub(r"<style.*?</style>", "", page.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r'(?:title|aria-label|data-label)="([^"]*)"', r">\n\1\n<", text)
    return html.unescape(re.sub(r"<[^>]*>", "\n", text))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up week in Danish, one run of it, and files that are wrong."""
    home = tmp_path_factory.mktemp("da")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("JOBMATCH_LANG", "da")
        for words in (
            ["make", "uge", "--citizens", "60", "--openings", "20", "--danish", "--on", DAY],
            ["run", "uge", "--on", DAY],
            ["whatif", "run", "budget_cut,evening_class", "uge", "--on", DAY, "--workers", "1"],
        ):
            main_ended(words)
    (home / "galt.toml").write_text(
        '[scenario.x]\ntitle = "x"\nnope = 1\n[[scenario.x.change]]\ntable = "citizen"\n'
        '[[scenario.x.change]]\ntable = "citizens"\nwhere = { oral = "x" }\nset = { oral = 77 }\n',
        "utf-8",
    )
    (home / "tom.toml").write_text(
        '[scenario.x]\ntitle = "x"\n[[scenario.x.change]]\ntable = "citizens"\n'
        "where = { oral = 6, reading = 0 }\nset = { oral = 3 }\n",
        "utf-8",
    )
    (home / "regler.toml").write_text(
        '[fit]\nfloor = "x"\nnope = 1\n[retention]\ninput_weeks = 500\n'
        '[unknown.citizens]\noral = 99\n[unlocking]\npapers = ["zzz"]\n',
        "utf-8",
    )
    (home / "skema.csv").write_text("a;b\n1;2\n", "utf-8")
    (home / "rod.sqlite").write_text("x" * 4000, "utf-8")
    return home


def main_ended(words: list[str]) -> int:
    """Run the command in this process; its exit code."""
    try:
        main(words)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


COMMANDS = {
    "make again": "make . ",
    "make nowhere": "make x --municipality Ingensteds",
    "check": f"check uge --on {DAY}",
    "check nothing": "check ingen",
    "policy": f"policy --on {DAY}",
    "policy before": "policy --on 2001-01-01",
    "policy date": "policy --on x",
    "run date": "run uge --on x",
    "run limit": "run uge --seconds -1",
    "run out": "run uge --out skema.csv",
    "run policy": "run uge --policy regler.toml",
    "run no policy": "run uge --policy ingen.toml",
    "runs": "runs",
    "runs show": "runs show 1",
    "runs show unknown": "runs show zz",
    "runs diff": "runs diff 1 1",
    "runs no address": "runs --ledger x://y",
    "runs no ledger": "runs --ledger ingen.sqlite",
    "runs folder": "runs --ledger uge",
    "workbook": "workbook",
    "oversight": "oversight",
    "decide no file": "decide ingen.xlsx",
    "decide no form": "decide skema.csv",
    "decide moment": "decide skema.csv --decided x",
    "forget": "forget zzz --yes",
    "purge": "purge --yes",
    "explain": "explain FIKTIV-B000001",
    "explain nobody": "explain zzz",
    "explain letter": "explain FIKTIV-B000001 --for-citizen",
    "explain no letter": "explain FIKTIV-B000001 --docx x.docx",
    "explain docx": "explain FIKTIV-B000001 --for-citizen --docx x.txt",
    "explain words": "explain FIKTIV-B000001 --for-citizen --words galt.toml",
    "explain both": "explain FIKTIV-B000001 uge --run 1",
    "near-best": "near-best --plans 1",
    "backups": "backups --ranks 1",
    "template": "template skema.csv",
    "whatif list": "whatif list",
    "whatif show": f"whatif show library uge --on {DAY}",
    "whatif show wrong": f"whatif show galt.toml uge --on {DAY}",
    "whatif show empty": f"whatif show tom.toml uge --on {DAY}",
    "whatif run folder": "whatif run uge",
    "whatif run unknown": "whatif run ingen uge",
    "whatif run setting": "whatif run budget_cut uge --set x",
    "whatif run only": "whatif run library uge --only x",
    "whatif new": "whatif new x.txt",
    "whatif compare": "whatif compare ingen",
    "whatif group": "whatif frontier uge --group x",
    "whatif group value": "whatif frontier uge --group oral=9",
    "whatif no group": "whatif frontier uge --against group",
    "no option": "run --nope",
    "no command": "nope",
}
"""Commands by what they are about: answers, and errors of every room."""


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_english_is_left(
    words: str, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither on standard output nor on standard error."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("JOBMATCH_LANG", "da")
    main_ended(words.split())
    said = capfd.readouterr()
    assert said.out + said.err
    assert english_in(said.out + said.err) == []


HELP = [
    "", "run", "check", "template", "policy", "workbook", "decide", "oversight", "explain",
    "backups", "bottlenecks", "near-best", "runs", "runs show", "runs diff", "runs verify",
    "forget", "purge", "make", "whatif", "whatif new", "whatif list",
    "whatif show", "whatif run", "whatif compare", "whatif frontier",
]  # fmt: skip


@pytest.mark.parametrize("command", HELP)
def test_help_is_in_the_language(
    command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the variable or by `--lang`; every option has a text."""
    monkeypatch.setenv("JOBMATCH_LANG", "da")
    assert main_ended([*command.split(), "--help"]) == 0
    danish = capfd.readouterr().out
    assert danish.startswith("Brug: ")
    assert english_in(danish) == []
    monkeypatch.delenv("JOBMATCH_LANG")
    assert main_ended([*command.split(), "--help"]) == 0
    english = capfd.readouterr().out
    assert english.startswith("Usage: ")
    assert english.count("\n  -") == danish.count("\n  -")


def test_each_command_and_option_has_a_help_text() -> None:
    """In every language, and no text is of a command that is gone."""
    from typer.main import get_command

    def named(command: Any, path: str = "") -> Iterator[tuple[str, ...]]:
        yield (path or command.name,)
        for one in command.params:
            option = one.param_type_name == "option"
            name = max(one.opts, key=len) if option else one.metavar or one.name
            yield f"{path} {name}", name
        for name, below in getattr(command, "commands", {}).items():
            yield from named(below, f"{path} {name}".strip())

    wanted = list(named(get_command(whole_app())))
    for language in LANGUAGES:
        texts = {key.removeprefix("help.") for key in catalogue(language) if key[:5] == "help."}
        used = {next((key for key in keys if key in texts), keys[-1]) for keys in wanted}
        assert texts == used | {"--help"}


def test_pages_in_danish_hold_no_english(home: Path) -> None:
    """The week's page and that of a comparison, their tables and what is said on hovering."""
    pages = [*home.glob("runs/*/report.html"), *home.glob("whatif/*/report.html")]
    assert len(pages) == 2
    for page in pages:
        assert english_in(seen_in(page)) == []
