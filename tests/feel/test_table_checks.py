"""Tables are checked before they are deployed: overlaps, gaps, rules without effect, names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfflow.feel.decisions import DecisionModel, Finding, load_dmn
from tests.feel.dmn import decision, input_data, item, knowledge, model, table, text


def findings(
    inputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *extra: str,
    kinds: Sequence[str] = (),
    **options: object,
) -> list[Finding]:
    names = [input_data(n, kinds[i] if kinds else "") for i, n in enumerate(inputs)]
    logic = table(inputs, rules, **options)  # type: ignore[arg-type]
    file = model(*extra, *names, decision("d", logic, [f"in-{name}" for name in inputs]))
    return load_dmn(file).check()


def said(found: Sequence[Finding]) -> list[str]:
    return [finding.message_en for finding in found]


def test_a_complete_table_without_overlap_has_no_findings() -> None:
    rules = [["< 60", '"C"'], ["[60..90)", '"B"'], [">= 90", '"A"']]
    assert findings(["score"], rules) == []


def test_two_rules_that_share_one_point_overlap_at_that_point() -> None:
    rules = [["<= 60", '"C"'], ["[60..90)", '"B"'], [">= 90", '"A"']]
    found = findings(["score"], rules)
    assert said(found) == ["d: Rules 1, 2 overlap for score = 60"]
    assert found[0].severity == "error"
    assert found[0].message_zh == "d：规则 1, 2 互相重叠：score = 60"


def test_a_single_missing_point_is_a_gap() -> None:
    rules = [["< 60", '"C"'], ["(60..90)", '"B"'], [">= 90", '"A"']]
    found = findings(["score"], rules)
    assert said(found) == ["d: No rule covers score = 60"]
    assert found[0].severity == "warning"


def test_a_missing_interval_is_a_gap() -> None:
    rules = [["< 60", '"C"'], ["> 60.5", '"B"'], ["60", '"X"'], ["60.5", '"Y"']]
    assert said(findings(["score"], rules)) == ["d: No rule covers score in (60..60.5)"]


def test_dates_have_no_gap_between_neighbours() -> None:
    rules = [['<= date("2026-03-31")', "1"], ['>= @"2026-04-01"', "2"]]
    assert findings(["day"], rules) == []
    rules = [['< date("2026-03-31")', "1"], ['>= @"2026-04-01"', "2"]]
    assert said(findings(["day"], rules)) == ['d: No rule covers day = @"2026-03-31"']


def test_texts_have_other_values_unless_the_type_names_them_all() -> None:
    rules = [['"A"', "1"], ['"B"', "2"]]
    assert said(findings(["g"], rules)) == ["d: No rule covers g = any other text"]
    grade = item("tGrade", "string", allowed='"A", "B"')
    assert findings(["g"], rules, grade, kinds=["tGrade"]) == []
    assert said(findings(["g"], rules[:1], grade, kinds=["tGrade"])) == [
        'd: No rule covers g = "B"'
    ]
    assert findings(["g"], [*rules[:1], ['not("A")', "2"]]) == []


def test_truth_has_two_values() -> None:
    assert findings(["v"], [["true", "1"], ["false", "2"]]) == []
    assert said(findings(["v"], [["true", "1"]])) == ["d: No rule covers v = false"]


def test_allowed_values_of_an_input_bound_the_check() -> None:
    rules = [["< 60", "1"], [">= 60", "2"]]
    assert findings(["score"], rules, input_values=["[0..100]"]) == []
    rules = [["[0..60)", "1"], ["[60..100]", "2"]]
    assert findings(["score"], rules, input_values=["[0..100]"]) == []
    assert said(findings(["score"], rules)) == ["d: No rule covers score < 0 or score > 100"]


def test_several_inputs_are_checked_together() -> None:
    rules = [["< 60", "-", "1"], [">= 60", "true", "2"], [">= 90", "false", "3"]]
    assert said(findings(["score", "veto"], rules)) == [
        "d: No rule covers score in [60..90), veto = false"
    ]
    rules[2] = [">= 60", "false", "3"]
    assert findings(["score", "veto"], rules) == []
    rules[2] = ["-", "false", "3"]
    assert said(findings(["score", "veto"], rules)) == [
        "d: Rules 1, 3 overlap for score < 60, veto = false"
    ]


def test_rules_of_any_may_overlap_when_they_agree() -> None:
    rules = [["< 60", '"C"'], ["< 50", '"C"'], [">= 60", '"B"']]
    assert findings(["s"], rules, policy="ANY") == []
    rules[1] = ["< 50", '"D"']
    assert said(findings(["s"], rules, policy="ANY")) == ["d: Rules 1, 2 overlap for s < 50"]


def test_a_rule_behind_rules_that_cover_it_is_unreachable() -> None:
    rules = [["< 60", "1"], [">= 60", "2"], ["[50..70]", "3"]]
    assert said(findings(["s"], rules, policy="FIRST")) == ["d: Rule 3 can never decide"]


def test_a_rule_that_allows_nothing_is_unreachable() -> None:
    rules = [["-", "1"], ["not(-)", "2"]]
    assert said(findings(["s"], rules)) == ["d: Rule 2 can never decide"]


def test_a_rule_without_output_is_named() -> None:
    assert said(findings(["s"], [["-", ""]])) == ["d: Rule 1 has no output"]


def test_a_default_output_closes_every_gap() -> None:
    assert findings(["s"], [["> 5", "1"]], defaults=["0"]) == []


def test_collecting_tables_need_not_be_complete() -> None:
    assert findings(["s"], [["> 5", "1"], ["> 3", "2"]], policy="COLLECT") == []


def test_a_table_too_large_to_check_says_so() -> None:
    rules = [[str(number), "1"] for number in range(401)]
    assert said(findings(["s"], rules)) == ["d: Tables of more than 400 rules are not checked"]


def test_a_table_of_400_rules_is_checked() -> None:
    rules = [[f"[{n}..{n + 1})", "1"] for n in range(398)]
    found = said(findings(["s"], [["< 0", "1"], *rules, [">= 397.5", "1"]]))
    assert found == ["d: Rules 399, 400 overlap for s in [397.5..398)"]


@pytest.mark.parametrize("cell", ["> limit", "? > 5 and even(?)", "allowed", 'starts with(?, "a")'])
def test_a_cell_that_reads_other_names_never_leads_to_a_finding(cell: str) -> None:
    needs = ["in-s", "in-limit", "in-allowed"]
    names = [input_data(name) for name in ("s", "limit", "allowed")]
    logic = table(["s"], [[cell, "1"], ["> 5", "2"], ["<= 5", "3"]])
    loaded = load_dmn(model(*names, decision("d", logic, needs)))
    assert loaded.check() == []


def test_an_unknown_variable_is_an_error() -> None:
    loaded = load_dmn(model(input_data("x"), decision("d", text("x + y + due(1)"), ["in-x"])))
    assert [(f.code, f.severity) for f in loaded.check()] == [("feel.unknown_variable", "error")]
    assert loaded.check()[0].message_en == "d: No variable is named y"


def test_parameters_and_requirements_are_known_names() -> None:
    part = knowledge("k", ["a"], text("a + 1"))
    loaded = load_dmn(model(input_data("x"), part, decision("d", text("k(x)"), ["in-x", "bkm-k"])))
    assert loaded.check() == []


def test_a_syntax_error_is_found_with_its_place() -> None:
    finding = load_dmn(model(decision("d", text("1 +")))).check()[0]
    assert (finding.code, finding.line, finding.column) == ("feel.expected", 1, 4)
    assert finding.message_zh == "d：此处应为表达式，实际为结尾"


bounds = st.integers(0, 6)
cells = st.one_of(
    st.just("-"),
    bounds.map(str),
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), bounds),
    st.builds(
        lambda a, b, left, right: f"{left}{min(a, b)}..{max(a, b)}{right}",
        bounds, bounds, st.sampled_from("[("), st.sampled_from(")]"),
    ),
    st.builds("not({})".format, bounds),
    st.builds("{}, {}".format, bounds, bounds),
)  # fmt: skip


def _probe(loaded: DecisionModel, x: float, y: float) -> int:
    from decimal import Decimal

    value = loaded.evaluate("d", {"x": Decimal(str(x)), "y": Decimal(str(y))}).value
    return len(value or [])


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_check_agrees_with_trying_all_inputs(pairs: list[tuple[str, str]]) -> None:
    rules = [[a, b, "1"] for a, b in pairs]
    names = [input_data("x"), input_data("y")]
    needs = ["in-x", "in-y"]
    runs = load_dmn(model(*names, decision("d", table(["x", "y"], rules, policy="COLLECT"), needs)))
    points = [n / 2 for n in range(-1, 14)]
    hits = [_probe(runs, x, y) for x in points for y in points]
    checked = load_dmn(model(*names, decision("d", table(["x", "y"], rules), needs)))
    codes = {finding.code for finding in checked.check()}
    assert ("feel.table_gap" in codes) is (0 in hits) or len(codes) > 2
    assert ("feel.table_overlap" in codes) is (max(hits) > 1)
