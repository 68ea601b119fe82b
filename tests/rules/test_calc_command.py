"""perfflow calc: the vectors, the comparison, and what bad lines give."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfflow.calc import evaluate, FUNCTIONS, main
from perfflow.calc.command import check_line

VECTORS = Path(__file__).parent / "data" / "vectors.jsonl"


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("number", range(103))
def test_every_vector_of_the_specification_holds(number: int) -> None:
    line = VECTORS.read_bytes().splitlines()[number]
    verdict = check_line(line)
    assert verdict.passed, (verdict.fn, verdict.given, verdict.expected, verdict.got)


def test_the_file_of_vectors_is_checked_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(VECTORS)]) == 0
    assert report(capsys) == {"checked": 103, "failed": 0, "failures": []}


def test_every_function_of_the_vectors_is_known() -> None:
    assert {line["fn"] for line in lines_of(VECTORS)} <= FUNCTIONS.keys()


def test_a_failure_shows_line_inputs_expected_and_got(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"fn":"band","in":{"total":"95"},"out":"A"}\n\n{"fn":"band","in":{"total":"95"},"out":"S"}\n'
    )
    assert main([str(path)]) == 1
    assert report(capsys) == {
        "checked": 2,
        "failed": 1,
        "failures": [{"line": 3, "fn": "band", "in": {"total": "95"}, "expected": "S", "got": "A"}],
    }


def test_lines_come_from_standard_input_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stdin:
        buffer = io.BytesIO(b'{"fn":"band","in":{"total":"79.99"},"out":"C"}')

    monkeypatch.setattr("sys.stdin", Stdin)
    assert main(["-"]) == 0
    assert report(capsys)["checked"] == 1


def test_an_unreadable_file_gives_exit_code_2_and_a_sentence_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "none.jsonl" in shown.err
    assert "无法读取" in shown.err
    assert "Expected a readable file" in shown.err


@pytest.mark.parametrize(
    ("line", "got"),
    [
        (b'{"fn":"nope","in":{},"out":1}', "error:UNKNOWN_FN"),
        (b'{"fn":["band"],"in":{},"out":1}', "error:UNKNOWN_FN"),
        (b'{"fn":"band","in":[],"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"x"},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":true},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":null},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"1/0"},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"1e9"},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":1e999999999},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":NaN},"out":"A"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"90","more":1},"out":"B"}', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"90"}}', "error:BAD_INPUT"),
        (b"[]", "error:BAD_INPUT"),
        (b'{"fn":"band"', "error:BAD_INPUT"),
        (b'{"fn":"band","in":{"total":"\xff"},"out":"A"}', "error:BAD_INPUT"),
        (b"[" * 100_000, "error:BAD_INPUT"),
        (b'{"fn":"curve","in":{"r":"1","knots":"NONE"},"out":"1"}', "error:BAD_INPUT"),
        (b'{"fn":"curve","in":{"r":"1","knots":[["1","9"],["0","1"]]},"out":"1"}', "error:KNOTS"),
        (b'{"fn":"defer","in":{"amount_fen":1.5,"rate":"0.4","n":3},"out":1}', "error:BAD_INPUT"),
        (b'{"fn":"defer","in":{"amount_fen":1,"rate":"0.4","n":0},"out":1}', "error:DOMAIN"),
        (b'{"fn":"add_workdays_cn","in":{"from":"2025-02-30","n":1},"out":""}', "error:BAD_INPUT"),
        (
            b'{"fn":"add_workdays_cn","in":{"from":"2025-02-03","n":"1"},"out":""}',
            "error:BAD_INPUT",
        ),
        (b'{"fn":"add_workdays_cn","in":{"from":"9999-12-31","n":9},"out":""}', "error:BAD_INPUT"),
    ],
)
def test_lines_that_cannot_be_computed_fail_with_their_code(line: bytes, got: str) -> None:
    verdict = check_line(line)
    assert not verdict.passed
    assert verdict.got == got


def test_an_expected_error_is_a_pass() -> None:
    assert check_line(
        b'{"fn":"attain","in":{"kind":"HB","A":1,"T":0},"out":"error:SCALE_REQUIRED"}'
    ).passed


@pytest.mark.parametrize(
    ("out", "passed"),
    [(b"0.121901", True), (b"0.1219020", True), (b"0.121903", False), (b'"0.121901"', False)],
)
def test_the_poisson_tail_is_compared_within_a_millionth(out: bytes, passed: bool) -> None:
    line = b'{"fn":"poisson_tail","in":{"c":2,"lam":0.6},"out":' + out + b"}"
    assert check_line(line).passed is passed


@pytest.mark.parametrize(
    ("out", "passed"), [(b"76.2148", True), (b"76.21489", True), (b"76.2150", False)]
)
def test_other_fractions_are_compared_within_a_ten_thousandth(out: bytes, passed: bool) -> None:
    quarters = b"[[40,70],[40,74],[35,78],[30,82]]"
    line = b'{"fn":"client_lt","in":{"quarters_newest_first":' + quarters + b'},"out":{"S":'
    assert check_line(line + out + b',"factor":"0.8828"}}').passed is passed


@pytest.mark.parametrize("out", [b"1", b"true", b'"true"', b"null", b"[true]"])
def test_true_equals_nothing_but_true(out: bytes) -> None:
    line = b'{"fn":"not_faster_than_equal","in":{"shares":["0.5","0.5"]},"out":' + out + b"}"
    assert check_line(line).passed is (out == b"true")


def test_too_many_keys_in_an_object_are_a_difference() -> None:
    line = b'{"fn":"joint_liability","in":{"severity":3,"points":10},"out":{"severity":2}}'
    assert not check_line(line).passed


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=5)
    | st.sampled_from(["0.5", "1/3", "A", "STD", "2025-01-01", "dimension", "R"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
KEYS = sorted({key for line in lines_of(VECTORS) for key in line["in"]})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_no_input_whatever_makes_a_calculation_crash(fn: str, inputs: dict[str, Any]) -> None:
    got = evaluate(fn, inputs)
    assert got is None or isinstance(got, (str, int, float, list, dict))


REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "calc.md"
EXAMPLES = [line for line in REFERENCE.read_text("utf-8").splitlines() if line.startswith('{"fn"')]


@pytest.mark.parametrize("line", EXAMPLES, ids=lambda line: line[8:24])
def test_every_example_of_the_reference_works(line: str) -> None:
    verdict = check_line(line.encode())
    assert verdict.passed, verdict.got


def test_the_reference_has_an_example_of_every_function() -> None:
    assert {json.loads(line)["fn"] for line in EXAMPLES} == set(FUNCTIONS)
