"""How answers are written."""

import json

from deploy.cli.answers import WIDTH_OF_A_PIPE, labels_text, number, table, write_csv, write_json, write_tables


def test_csv_quotes_what_needs_it(capsys):
    write_csv(("a", "b"), [("x,y", 1), ('"', "")])
    assert capsys.readouterr().out == 'a,b\n"x,y",1\n"""",\n'


def test_json_is_one_object_and_ends_its_line(capsys):
    write_json({"a": [1, None]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": [1, None]}
    assert out.endswith("}\n")


def test_a_table_cuts_nothing_off_and_takes_nothing_for_markup(capsys):
    made = table("[bold]x[/bold]", "name", "value>")
    made.add_row("y" * (WIDTH_OF_A_PIPE + 50), "[1]")
    write_tables("a line [2026] :smile:", made)
    out = capsys.readouterr().out
    assert out.startswith("a line [2026] :smile:\n")
    assert out.count("y") == WIDTH_OF_A_PIPE + 50
    assert "[1]" in out
    assert max(map(len, out.splitlines())) <= WIDTH_OF_A_PIPE


def test_numbers_and_labels_are_as_they_were():
    assert [number(text) for text in ("3", "-1", "0.5", "1772000000.25")] == [3, -1, 0.5, 1772000000.25]
    assert [type(number(text)) for text in ("3", "0.5")] == [int, float]
    assert labels_text([("clock", "assessment"), ("team", "north")]) == "clock=assessment,team=north"
