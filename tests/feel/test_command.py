"""``perfflow feel`` and the runner of the compatibility kit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfflow.feel import cli, tck
from tests.feel.dmn import decision, input_data, model, text


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = cli.main(arguments)
    printed = capsys.readouterr().out
    return code, json.loads(printed, parse_float=Decimal)


def test_a_value_is_printed_with_its_type(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = run(capsys, "a + 1", "--context", '{"a": 41}')
    assert code == 0
    assert report == {"value": 42, "type": "number", "warnings": [], "error": None}


def test_all_digits_of_a_number_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    _, report = run(capsys, "1 / 3")
    assert report["value"] == Decimal("0.3333333333333333333333333333333333")
    _, report = run(capsys, "a", "--context", '{"a": 1.23456789012345678901234567890123}')
    assert report["value"] == Decimal("1.23456789012345678901234567890123")
    _, report = run(capsys, "10 ** 40")
    assert report["value"] == 10**40


@pytest.mark.parametrize(
    ("text_", "value", "kind"),
    [
        ('date("2026-03-02")', "2026-03-02", "date"),
        ('@"P1Y2M"', "P1Y2M", "years and months duration"),
        ("[1..3)", "[1..3)", "range"),
        ("function(a, b) a", "function(a, b)", "function"),
        ('[true, null, {a: "é"}]', [True, None, {"a": "é"}], "list"),
        ("null", None, "null"),
    ],
)
def test_what_json_lacks_is_printed_as_feel(
    capsys: pytest.CaptureFixture[str], text_: str, value: Any, kind: str
) -> None:
    _, report = run(capsys, text_)
    assert (report["value"], report["type"]) == (value, kind)


def test_warnings_carry_their_place(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = run(capsys, "1 + x")
    assert code == 0
    assert report["warnings"][0] == {
        "code": "feel.unknown_variable",
        "message": "No variable is named x",
        "line": 1,
        "column": 5,
    }


def test_a_syntax_error_fills_the_error_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = run(capsys, "1 +")
    assert code == 1
    assert report["value"] is None
    assert report["error"]["message"] == "Expected an expression but found the end"
    assert (report["error"]["line"], report["error"]["column"]) == (1, 4)


def test_a_bomb_fills_the_error_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = run(capsys, "for i in 1..1000000000 return i")
    assert (code, report["error"]["code"]) == (1, "feel.budget")


def test_unary_tests_take_their_input_from_the_context(capsys: pytest.CaptureFixture[str]) -> None:
    for value, expected in ((95, True), (85, False)):
        arguments = (">= 90", "--kind", "unary", "--context", json.dumps({"?": value}))
        assert run(capsys, *arguments)[1]["value"] is expected


@pytest.mark.parametrize("context", ["nonsense", "[1]", '{"a": NaN}', "[" * 10_000])
def test_a_context_that_is_no_object_is_refused(context: str) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["1", "--context", context])
    assert caught.value.code == 2


CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <modelName>m.dmn</modelName>
 <testCase id="right"><inputNode name="x"><value xsi:type="xsd:decimal">1</value></inputNode>
  <resultNode name="d"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode>
  <resultNode name="l"><expected><list><item><value xsi:type="xsd:decimal">1</value></item>
   <item><value xsi:nil="true"/></item></list></expected></resultNode></testCase>
 <testCase id="wrong"><inputNode name="x"><value xsi:type="xsd:decimal">1</value></inputNode>
  <resultNode name="d"><expected><value xsi:type="xsd:string">2</value></expected></resultNode>
 </testCase>
 <testCase id="failing"><resultNode name="f" errorResult="true">
  <expected><value xsi:nil="true"/></expected></resultNode></testCase>
 <testCase id="quiet"><resultNode name="n" errorResult="true"/></testCase>
 <testCase id="structured"><resultNode name="c"><expected><component name="a">
  <value xsi:type="xsd:date">2026-01-01</value></component></expected></resultNode></testCase>
 <testCase id="java"><resultNode name="j"><expected><value>x</value></expected></resultNode>
 </testCase>
</testCases>"""


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "compliance-level-3" / "0001-sample"
    folder.mkdir(parents=True)
    java = 'function() external {java: {class: "a.B", method signature: "c()"}}'
    parts = [
        decision("d", text("x + 1"), ["in-x"]),
        decision("l", text("[x, null]"), ["in-x"]),
        decision("f", text("1 / 0")),
        decision("n", text("null")),
        decision("c", text('{a: @"2026-01-01"}')),
        decision("j", text(f"({java})()")),
    ]
    (folder / "m.dmn").write_bytes(model(input_data("x"), *parts))
    (folder / "m-test-01.xml").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_the_kit_counts_cases_and_names_what_failed(kit: Path) -> None:
    report = tck.run_folders([kit])
    assert report["levels"] == {"3": {"passed": 3, "failed": 3, "total": 6}}
    assert (report["passed"], report["failed"], report["total"]) == (3, 3, 6)
    assert [(f["case"], f["node"], f["reason"]) for f in report["failures"]] == [
        ("wrong", "d", "wrong"), ("quiet", "n", "wrong"), ("java", "j", "external-java"),
    ]  # fmt: skip
    first = report["failures"][0]
    assert (first["level"], first["folder"], first["expected"]) == ("3", "0001-sample", '"2"')


def test_the_kit_prints_json_and_fails_when_a_case_fails(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tck.main([str(kit), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 3
    assert tck.main([str(kit)]) == 1
    assert "level 3: 3 of 6" in capsys.readouterr().out


def test_a_folder_without_cases_is_no_success(tmp_path: Path) -> None:
    assert tck.main([str(tmp_path)]) == 1


def test_a_model_that_cannot_be_read_fails_all_its_cases(kit: Path) -> None:
    next(kit.rglob("m.dmn")).write_bytes(b"<broken")
    report = tck.run_folders([kit])
    assert (report["passed"], report["failed"]) == (0, 6)
    assert {failure["reason"] for failure in report["failures"]} == {"error"}
