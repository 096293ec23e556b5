"""What-if files: every fault with its line, scenarios of scenarios, parameters, sweeps."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from matcher.errors import OptionError
from scenarios.patch import WhatIf, WhatIfError, library, parameters_of, read_text, read_what_if
from scenarios.patch.lines import Lines

SEATS = """\
[scenario.seats]
parameters.more = { default = 1, from = 0, to = 5, step = 1 }
[[scenario.seats.change]]
table = "openings"
add = { seats = "$more" }
"""


def read(text: str) -> WhatIf:
    return read_text(text, "my.toml")


def faults(text: str) -> list[str]:
    """What is said of a text, a line each."""
    with pytest.raises(WhatIfError) as caught:
        read(text)
    assert caught.value.exit_code == 2
    assert [issue["line"] for issue in caught.value.issues] == [
        fault.place.line for fault in caught.value.faults
    ]
    return str(caught.value).splitlines()


def change(body: str) -> str:
    return f'[scenario.s]\n[[scenario.s.change]]\ntable = "openings"\n{body}\n'


# ------------------------------------------------------------------------------ lines


def test_every_way_to_write_a_key_has_its_line() -> None:
    """Comments, dotted and quoted keys, inline tables, arrays over lines, texts over lines."""
    text = '''\
# 1
a = 1 # = [x]
[b."c.d"] # 3
'e f' = """ [no]
 key = 1 \\""" """
g.h = { i = 1, "j" = [ # 6
  { k = 2 },
  "]", # 8
] }

[[m]]
n = 2025-01-01
[[m]] # 13
[m.o]
p = \'\'\'x
y\'\'\'
[[m.q]]
r = -1e5'''
    lines = Lines(text)
    expected = {
        ("a",): 2,
        ("b", "c.d"): 3,
        ("b", "c.d", "e f"): 4,
        ("b", "c.d", "g", "h", "i"): 6,
        ("b", "c.d", "g", "h", "j", 0): 7,
        ("b", "c.d", "g", "h", "j", 0, "k"): 7,
        ("b", "c.d", "g", "h", "j", 1): 8,
        ("m",): 11,
        ("m", 0, "n"): 12,
        ("m", 1): 13,
        ("m", 1, "o", "p"): 15,
        ("m", 1, "q", 0): 17,
        ("m", 1, "q", 0, "r"): 18,
        # What is not there has the line of what it would stand in.
        ("m", 1, "o", "z", 3): 14,
        ("nowhere",): 1,
    }
    assert {path: lines.of(path) for path in expected} == expected  # type: ignore[arg-type]


# ------------------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "my.toml:1: not TOML: Invalid value (at end of document)"),
        ("\n[a\n", "my.toml:2: not TOML: Expected ']' at the end of a table declaration "
                   "(at line 2, column 3)"),
        ("", "my.toml:1: holds neither a [scenario.NAME] nor a [sweep.NAME]"),
        ('[scenario.s]\ntitel = "x"\n',
         "my.toml:2: s: unknown key 'titel'; known: title (maybe this was meant), and 10 others"),
        ("[scenarios.s]\n",
         "my.toml:1: unknown key 'scenarios'; known: scenario (maybe this was meant), and 1 other"),
        ("[scenario.s]\n",
         "my.toml:1: s: changes nothing: expected use, change, policy or law"),
        ('[scenario.s]\nuse = ["seat"]\n' + SEATS,
         "my.toml:2: s: use: unknown scenario 'seat'; known: seats (maybe this was meant), "
         f"and {len(library().scenarios) + 1} others"),
        ('[scenario.a]\nuse = ["a"]\n', "my.toml:2: a: use: a -> a goes round in a circle"),
        ('[scenario.s]\nuse = [{ name = "seats", less = 1 }]\n' + SEATS,
         "my.toml:2: s: seats has no parameter 'less'; known: more"),
        ('[scenario.s]\nuse = [{ name = "seats", more = 9 }]\n' + SEATS,
         "my.toml:2: s: seats.more = 9: expected a number from 0 to 5"),
        ("[scenario.evening_class]\npolicy.fit.floor = 1\n",
         "my.toml:1: evening_class: there is a scenario of this name in the library; rename it"),
        (change("where = { seats = { over = 2 } }\nset = { seats = 1 }"),
         "my.toml:4: s: unknown condition 'over'; known: above (maybe this was meant), "
         "and 11 others"),
        (change('where = { title = { from = "a" } }\nset = { seats = 1 }'),
         "my.toml:4: s: 'from' compares numbers and dates; title holds neither"),
        (change('where = { seats = { from = "a" } }\nset = { seats = 1 }'),
         "my.toml:4: s: seats = 'a': expected a number"),
        (change('where = { seats = { has = "a" } }\nset = { seats = 1 }'),
         "my.toml:4: s: 'has' looks at lists of words; seats holds none"),
        (change('where = { seats = { within = "a" } }\nset = { seats = 1 }'),
         "my.toml:4: s: 'within' looks at blocks of time; seats holds none"),
        (change('where = { shifts = { within = "always" } }\nset = { seats = 1 }'),
         "my.toml:4: s: within = 'always': expected blocks of time, e.g. 'mon-fri 07:00-15:00'"),
        (change("where = { seats = { starts = 1 } }\nset = { seats = 1 }"),
         "my.toml:4: s: starts = 1: expected text, or a list of texts"),
        (change('where = { seats = { starts = "1" } }\nset = { seats = 1 }'),
         "my.toml:4: s: 'starts' looks at text; seats holds none"),
        (change("where = { seats = { empty = 1 } }\nset = { seats = 1 }"),
         "my.toml:4: s: empty = 1: expected true or false"),
        (change('where = { workplace_id = { sectr = "x" } }\nset = { seats = 1 }'),
         "my.toml:4: s: unknown column 'sectr' of workplaces; known: sector (maybe this was "
         "meant), and 12 others"),
        (change('where = { workplace_id = { sector = "public" } }\nset = { seats = 1 }'),
         "my.toml:4: s: sector = 'public': expected one of municipal, regional, private"),
        (change("set = { seats = 1001 }"),
         "my.toml:4: s: seats = 1001: expected a whole number from 0 to 1000"),
        (change("set = { hours_min = 80.1 }"),
         "my.toml:4: s: hours_min = 80.1: expected a number above 0 to 80, to the minute"),
        (change("set = { seats = true }"),
         "my.toml:4: s: seats = true: expected a whole number from 0 to 1000"),
        (change("set = { seats = { empty = true } }"),
         "my.toml:4: s: seats = {'empty': True}: may not be empty; expected a whole number from 0"
         " to 1000"),
        (change('set = { start_from = "soon" }'),
         "my.toml:4: s: start_from = soon: expected a date, e.g. 2026-11-23"),
        (change('set = { shifts = "never" }'),
         "my.toml:4: s: shifts = never: expected blocks of time, e.g. 'mon-fri 07:00-15:00' "
         "('never' is not a block of time; expected e.g. 'mon-fri 07:00-15:00')"),
        (change('set = { opening_id = "x" }'),
         "my.toml:4: s: opening_id is what rows are known by and cannot be changed"),
        (change('set = { title = "010190-1234" }'),
         "my.toml:4: scenario.s.change.set.title: something that looks like a CPR number stands"
         " here; it is taken nowhere"),
        (change("set = { seats = 1 }\nadd = { seats = 1 }"),
         "my.toml:5: s: seats is changed by 'set' as well"),
        (change("add = { title = 1 }"), "my.toml:4: s: 'add' changes numbers; title holds text"),
        (change('add = { seats = "many" }'), "my.toml:4: s: add = 'many': expected a number"),
        (change('scale = { seats = "$more" }'),
         "my.toml:4: s: '$more': expected \"$name\" or \"$name * number\" of a parameter; known: "
         "none"),
        (change("scale = { start_from = 2 }"),
         "my.toml:4: s: 'scale' changes numbers; start_from holds a date, e.g. 2026-11-23"),
        (change("clip = { seats = [3, 2] }"),
         "my.toml:4: s: clip = [3, 2]: expected the least before the most"),
        (change('clip = { seats = [3, "x"] }'),
         "my.toml:4: s: clip = [3, 'x']: expected a number or \"none\""),
        (change("clip = { seats = [3] }"), "my.toml:4: s: change.1.clip.seats: too few values"),
        (change('include = { title = ["x"] }'),
         "my.toml:4: s: 'include' changes lists of words; title holds text"),
        (change(""),
         "my.toml:2: s: nothing to do: expected one of add, clip, copies, exclude, include, new, "
         "remove, rows, scale, set"),
        (change("remove = true\nset = { seats = 1 }"),
         "my.toml:4: s: 'remove' stands alone, without add, clip, exclude, include, scale, set"),
        (change("remove = true\ncopies = 1"),
         "my.toml:4: s: copies and remove cannot stand together; make it two changes"),
        (change("copies = -1"),
         "my.toml:4: s: copies = -1: expected a whole number from 0 to 1000000"),
        (change("copies = 1.5"),
         "my.toml:4: s: copies = 1.5: expected a whole number from 0 to 1000000"),
        (change("take = 1\nshare = 0.5\nremove = true"),
         "my.toml:5: s: take and share cannot stand together"),
        (change("take = -1\nremove = true"),
         "my.toml:4: s: take = -1: expected a whole number of rows"),
        (change("share = 2\nremove = true"),
         "my.toml:4: s: share = 2: expected a number from 0 to 1"),
        (change('by = "seats"\nremove = true'), "my.toml:4: s: 'by' needs take, share or new"),
        (change('take = 1\nby = "title"\nremove = true'),
         "my.toml:5: s: by = 'title': expected a column with numbers"),
        (change('take = 1\nof = "workplace_id.x"\nremove = true'),
         "my.toml:5: s: 'workplace_id.x': expected a column, or the column of a row that "
         "workplace_id names"),
        (change('rows = [{ opening_id = "x", workplace_id = "w", isco = "1" }]'),
         "my.toml:4: s: shifts is missing: expected blocks of time, e.g. 'mon-fri 07:00-15:00'"),
        (change('where = { seats = 1 }\nrows = [{ opening_id = "x", workplace_id = "w", isco = '
                '"1", shifts = "mon 8:00-9:00" }]'),
         "my.toml:5: s: new rows need no where, take or share"),
        (change('set = { seats = 1 }\neach = { table = "workplaces" }'),
         "my.toml:5: s: 'each' needs rows to make for each of them"),
        ('[scenario.s]\n[[scenario.s.change]]\ntable = "running"\ncopies = 1\n',
         "my.toml:4: s: rows of running have no id of their own to copy under; write them in rows"),
        ("[scenario.s]\npolicy.fit.floor = { add = 1, scale = 2 }\n",
         "my.toml:2: s: add and scale cannot stand together"),
        ('[scenario.s]\npolicy.fit.floor = { add = "x" }\n',
         "my.toml:2: s: add = 'x': expected a number"),
        ("[scenario.s]\npolicy.fit.floor = { clip = 3 }\n",
         "my.toml:2: s: clip = 3: expected two numbers, or \"none\" for no such side"),
        (SEATS + "[sweep.w]\nover = {}\n", "my.toml:7: w: over: expected at least one parameter"),
        (SEATS + "[sweep.w]\nover.seat.more = [1]\n",
         "my.toml:7: w: unknown scenario 'seat'; known: seats (maybe this was meant), "
         f"and {len(library().scenarios)} others"),
        (SEATS + "[sweep.w]\nover.seats.less = [1]\n",
         "my.toml:7: w: seats has no parameter 'less'; known: more"),
        (SEATS + "[sweep.w]\nover.seats.more = [1, 6]\n",
         "my.toml:7: w: seats.more = 6: expected a number from 0 to 5"),
        (SEATS + "[sweep.w]\nover.seats.more = []\n",
         "my.toml:7: w: seats.more: []: expected a list of numbers"),
        (SEATS + '[sweep.w]\nover.seats.more = "all"\n',
         "my.toml:7: w: seats.more: 'all': expected a list, { from = ..., to = ..., step = ... } "
         "or true"),
        (SEATS + "[sweep.w]\nover.seats.more = { from = 0, to = 3 }\n",
         "my.toml:7: w: seats.more: step is missing: "
         "expected { from = ..., to = ..., step = ... }"),
        (SEATS + "[sweep.w]\nover.seats.more = { from = 3, to = 0, step = 1 }\n",
         "my.toml:7: w: seats.more: from 3 to 0: expected the least first"),
        (SEATS + "[sweep.w]\nover.seats.more = { from = 0, to = 5, step = 1e-5 }\n",
         "my.toml:7: w: seats.more: 500001 values; expected at most 20000"),
        (SEATS + "[sweep.w]\nover.seats.more = { from = 0, to = 5, step = 0.01 }\n"
                 "over.inflow.citizens = { from = 0, to = 99, step = 1 }\n",
         "my.toml:7: w: 50100 points; expected at most 20000"),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_and_says_what_was_expected(text: str, said: str) -> None:
    """One fault, one line."""
    assert faults(text) == [said]


def test_all_faults_are_told_at_once_by_line() -> None:
    """Those of form first: what cannot be read is not made sense of."""
    text = change("set = { seats = -1, hours_min = 0 }") + "[scenario.t]\nuse = ['no']\n"
    said = faults(text)
    assert [line.split(": ")[:2] for line in said] == [
        ["my.toml:4", "s"], ["my.toml:4", "s"], ["my.toml:6", "t"],
    ]  # fmt: skip


def test_errors_survive_a_process_pool() -> None:
    with pytest.raises(WhatIfError) as caught:
        read("")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.faults == caught.value.faults


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match=r"no\.toml: cannot be read \(No such file or directory\)"
    ):
        read_what_if(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes("# æ".encode("cp1252"))
    with pytest.raises(
        OptionError, match=r"it is not UTF-8 text; save it as UTF-8\); expected a what-if file"
    ):
        read_what_if(tmp_path / "latin.toml")


# ------------------------------------------------------------------------------ composition


def test_a_scenario_carries_its_words_parts_and_settings() -> None:
    text = '[scenario.both]\ntitle = "Begge"\nuse = [{ name = "seats", more = 3 }, "budget_cut"]\n'
    both = read(text + SEATS).scenarios["both"]
    assert both.title.of("da") == both.title.of("en") == "Begge"
    assert both.settings == {"seats.more": 3, "budget_cut.left": 0.8}
    assert [part.scenario for part in both.parts] == ["seats", "budget_cut"]
    assert pickle.loads(pickle.dumps(both)).digest() == both.digest()


def test_what_two_scenarios_share_is_in_them_once() -> None:
    """a uses c, b uses c: in one that uses a and b, c is no conflict with itself."""
    text = """
[scenario.c]
policy.fit.floor = 1
[scenario.a]
use = ["c"]
[scenario.b]
use = ["c"]
[scenario.all]
use = ["a", "b"]
"""
    assert len(read(text).scenarios["all"].parts) == 1


def test_digests_are_of_changes_alone() -> None:
    """Titles and comments do not matter, values do."""
    plain = read(SEATS).scenarios["seats"]
    named = read(
        '# hi\n\n[scenario.other]\ntitle = "x"\nparameters.more.default = 1\n'
        + SEATS.partition("\n[[")[2].join(["[[", ""]).replace("seats.change", "other.change")
    )
    assert named.scenarios["other"].digest() == plain.digest()
    assert read(SEATS).scenario("seats", more=2).digest() != plain.digest()


def test_a_parameter_times_a_number() -> None:
    text = SEATS.replace('"$more"', '"$more * -0.5"')
    (part,) = read(text).scenario("seats", more=4).parts
    assert part.content["change"]["add"] == {"seats": -2}


def test_scenarios_are_asked_for_by_name() -> None:
    what_if = read(SEATS)
    assert parameters_of(what_if, "seats")["more"].default == 1
    with pytest.raises(OptionError, match="unknown scenario 'seatz'; known: seats"):
        what_if.scenario("seatz")
    with pytest.raises(WhatIfError, match=r"seats\.more = 7: expected a number from 0 to 5"):
        what_if.scenario("seats", more=7)


# ------------------------------------------------------------------------------ sweeps


def settings(body: str) -> list[dict[str, float]]:
    sweep = read(SEATS + "[sweep.w]\n" + body).sweeps["w"]
    assert all(one.sweep == "w" and one.kind == sweep.kind for one in sweep.scenarios)
    return [dict(one.settings) for one in sweep.scenarios]


def test_a_grid_is_every_combination() -> None:
    """3 values x 2 values; the other parameter of a scenario keeps its usual value."""
    found = settings(
        "over.seats.more = { from = 0, to = 4, step = 2 }\nover.evening_class.seats = [5, 10]\n"
    )
    usual = {"evening_class.level_from": 1, "evening_class.level_to": 3}
    assert found == [
        {"seats.more": more, "evening_class.seats": seats, **usual}
        for more in (0, 2, 4)
        for seats in (5, 10)
    ]


def test_points_have_short_names_that_differ() -> None:
    sweep = read(SEATS + "[sweep.w]\nover.seats.more = [0, 1]\nuse = ['budget_cut']\n").sweeps["w"]
    assert [one.name for one in sweep.scenarios] == ["w[more=0]", "w[more=1]"]
    assert [part.scenario for part in sweep.scenarios[0].parts] == ["budget_cut", "seats"]
    assert sweep.parameters == {"seats.more": (0, 1)}


def test_one_at_a_time_moves_one_parameter_from_the_base() -> None:
    found = settings(
        'kind = "one_at_a_time"\nover.seats.more = [1, 2]\nover.inflow.citizens = [9]\n'
    )
    assert found == [{"seats.more": 1}, {"seats.more": 2}, {"inflow.citizens": 9}]


def test_true_is_the_range_that_the_parameter_states() -> None:
    found = settings("over.seats.more = true\n")
    assert [one["seats.more"] for one in found] == [0, 1, 2, 3, 4, 5]


def test_steps_are_exact() -> None:
    """0.1 three times is 0.3, and the last value is not lost to rounding."""
    found = settings("over.seats.more = { from = 0, to = 0.3, step = 0.1 }\n")
    assert [one["seats.more"] for one in found] == [0, 0.1, 0.2, 0.3]


def test_samples_are_drawn_by_seed_and_cover_each_range() -> None:
    """Ten samples: each tenth of the range is drawn from once; whole ranges give whole numbers."""
    body = ('kind = "sample"\nsamples = 10\nseed = {}\nover.seats.more = [0, 1]\n'
            "over.budget_cut.left = {{ from = 0.5, to = 1.0 }}\n"
            "over.inflow.citizens = {{ from = 1, to = 100 }}\n")  # fmt: skip
    one, same, other = (settings(body.format(seed)) for seed in (1, 1, 2))
    assert one == same != other
    tenths = sorted(int((point["budget_cut.left"] - 0.5) / 0.05) for point in one)
    assert tenths == list(range(10))
    assert sorted((int(point["inflow.citizens"]) - 1) // 10 for point in one) == list(range(10))
    assert all(isinstance(point["inflow.citizens"], int) for point in one)
    assert sorted(point["seats.more"] for point in one) == [0] * 5 + [1] * 5
