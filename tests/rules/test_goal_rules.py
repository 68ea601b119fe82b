"""Goals as pure values: weights, differences, suggestions, the SMART verdict."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.goals.rules import (
    bp_of,
    check_lines,
    content_hash,
    differences,
    dimension_shares,
    DraftLine,
    Evidence,
    failing,
    percent_of,
    smart_verdict,
    suggested_target,
    text_width,
    weight_total,
)
from perfflow.kernel.errors import RuleViolation, RuleViolations

ROWS = (
    ("RS-01", "R", 2500), ("RS-05", "R", 1500), ("CL-01", "C", 1500), ("CL-04", "C", 1000),
    ("CP-01", "K", 1000), ("CP-03", "K", 1500), ("GR-01", "G", 1000),
)  # fmt: skip


def line(code: str = "RS-01", dimension: str = "R", weight: int = 2500, **more: Any) -> DraftLine:
    given_values: dict[str, Any] = {
        "metric_code": code,
        "title": "净新增管理资产",
        "dimension": dimension,
        "weight_bp": weight,
        "target": Decimal(1000),
        "baseline": None,
        "curve": "STD",
        "why": "客户真正带来的新钱。",
    }
    return DraftLine(**given_values | more)


CARD = [line(code, dimension, weight) for code, dimension, weight in ROWS]


def weighted(*changes: tuple[str, int]) -> list[DraftLine]:
    """The card with other weights."""
    wanted = dict(changes)
    return [one.changed(weight_bp=wanted.get(one.metric_code, one.weight_bp)) for one in CARD]


def test_a_card_as_it_is_passes() -> None:
    check_lines(CARD, CARD)
    assert weight_total(CARD) == 10_000


def test_weights_that_miss_the_whole_are_refused_with_the_difference() -> None:
    with pytest.raises(RuleViolation) as caught:
        check_lines(weighted(("RS-01", 1500)), CARD)
    assert caught.value.code == "goals.weights_sum"
    assert caught.value.field == "lines"
    assert caught.value.params == {"got": Decimal(90), "difference": Decimal(10)}


def test_weights_above_the_whole_are_refused_too() -> None:
    with pytest.raises(RuleViolation) as caught:
        check_lines(weighted(("RS-01", 2550)), CARD)
    assert caught.value.code == "goals.weights_sum_over"
    assert caught.value.params["got"] == Decimal("100.5")


def test_a_weight_under_five_or_over_forty_per_cent_is_named_at_its_row() -> None:
    with pytest.raises(RuleViolations) as caught:
        check_lines(weighted(("RS-01", 4100), ("RS-05", 400), ("CL-01", 1000)), CARD)
    found = {violation.field: violation.code for violation in caught.value.violations}
    assert found == {
        "lines.0.weight": "goals.weight_range", "lines.1.weight": "goals.weight_range",
    }  # fmt: skip


def test_compliance_cannot_be_talked_away() -> None:
    with pytest.raises(RuleViolation) as caught:
        check_lines(weighted(("CP-01", 500), ("CP-03", 1000), ("RS-01", 3500)), CARD)
    assert caught.value.code == "goals.compliance_floor"
    assert caught.value.params == {"floor": Decimal(20), "got": Decimal(15)}


def test_five_points_less_compliance_are_allowed() -> None:
    check_lines(weighted(("CP-01", 500), ("RS-01", 3000)), CARD)


def test_goals_are_changed_but_never_added_or_left_out() -> None:
    with pytest.raises(RuleViolation) as caught:
        check_lines(CARD[1:], CARD)
    assert caught.value.code == "goals.lines_changed"


def test_every_goal_needs_its_reason() -> None:
    with pytest.raises(RuleViolation) as caught:
        check_lines([CARD[0].changed(why="  "), *CARD[1:]], CARD)
    assert (caught.value.code, caught.value.field) == ("goals.why_missing", "lines.0.why")


@pytest.mark.parametrize(
    ("basis_points", "percent"), [(1500, "15"), (1550, "15.5"), (333, "3.33"), (10000, "100")]
)
def test_weights_are_written_in_per_cent(basis_points: int, percent: str) -> None:
    assert str(percent_of(basis_points)) == percent
    assert bp_of(Decimal(percent)) == basis_points


def test_a_third_decimal_of_a_weight_is_refused() -> None:
    with pytest.raises(RuleViolation) as caught:
        bp_of(Decimal("3.333"))
    assert caught.value.code == "goals.weight_decimals"


def test_dimensions_are_summed_in_their_order() -> None:
    assert list(dimension_shares(CARD).items()) == [
        ("R", 4000), ("C", 2500), ("K", 2500), ("G", 1000),
    ]  # fmt: skip


def test_differences_name_what_changed_and_how() -> None:
    after = [CARD[0].changed(target=Decimal(1200), weight_bp=2400), *CARD[1:]]
    changes = [(one.metric_code, one.field, one.old, one.new) for one in differences(CARD, after)]
    assert changes == [
        ("RS-01", "target", Decimal(1000), Decimal(1200)),
        ("RS-01", "weight_bp", 2500, 2400),
    ]


def test_the_same_proposal_differs_in_nothing() -> None:
    assert differences(CARD, [one.changed(action="") for one in CARD]) == []


def test_a_target_of_zero_is_not_the_same_as_none() -> None:
    before, after = [line(target=None)], [line(target=Decimal(0))]
    assert [one.field for one in differences(before, after)] == ["target"]


def test_the_fingerprint_ignores_order_and_spelling_of_numbers() -> None:
    shuffled = [one.changed(target=Decimal("1000.000000")) for one in reversed(CARD)]
    assert content_hash(shuffled) == content_hash(CARD)


def test_the_fingerprint_sees_every_word_that_counts() -> None:
    seen = {content_hash(CARD)}
    for change in (
        {"why": "别的理由在这里"}, {"target": Decimal(1001)}, {"weight_bp": 2501},
        {"action": "每月拜访"}, {"action_due_on": date(2025, 6, 30)}, {"curve": "RAMP"},
    ):  # fmt: skip
        seen.add(content_hash([CARD[0].changed(**change), *CARD[1:]]))
    assert len(seen) == 7


@given(st.lists(st.integers(500, 4000), min_size=7, max_size=7))
def test_no_other_sum_than_the_whole_ever_passes(weights: list[int]) -> None:
    lines = [one.changed(weight_bp=bp) for one, bp in zip(CARD, weights, strict=True)]
    if sum(weights) == 10_000:
        return
    with pytest.raises(RuleViolation):
        check_lines(lines, CARD)


@pytest.mark.parametrize(
    ("rule", "last_year", "target"),
    [
        ({"kind": "growth", "rate": "0.08", "default": "1000"}, "968", "1050"),
        ({"kind": "growth", "rate": "0.08", "default": "1000"}, None, "1000"),
        ({"kind": "growth", "rate": "0.01", "default": "0.92", "cap": "0.97"}, "0.969", "0.97"),
        (
            {"kind": "growth", "rate": "-0.05", "default": "0.009", "floor": "0.004"},
            "0.0041",
            "0.004",
        ),
        ({"kind": "fixed", "value": "0.97"}, "0.80", "0.97"),
    ],
)
def test_targets_are_suggested_from_last_year(
    rule: dict[str, str], last_year: str | None, target: str
) -> None:
    known = Decimal(last_year) if last_year else None
    assert suggested_target(rule, known) == Decimal(target)


def test_ratings_have_no_suggested_target() -> None:
    assert suggested_target({"kind": "none"}, Decimal(4)) is None


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(RuleViolation) as caught:
        suggested_target({"kind": "guess"}, None)
    assert caught.value.params == {"got": "guess"}


PEERS = {"count": 42, "p25": Decimal(900), "p50": Decimal(1010), "p90": Decimal(1140),
         "p95": Decimal(1180)}  # fmt: skip


def known(**changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "known_metric": True,
        "direction": "HB",
        "unit": "cny_10k",
        "source": "CORE",
        "last_year": Decimal(968),
        "peers": PEERS,
        "reaches_objective": True,
        "starts_on": date(2025, 1, 1),
        "ends_on": date(2025, 12, 31),
        "checkpoints": 3,
    }
    return Evidence(**values | changes)


def states(one: DraftLine, evidence: Evidence) -> str:
    """The five states as letters: p, i, w, f."""
    return "".join(verdict.state[0] for verdict in smart_verdict(one, evidence).values())


def test_a_good_goal_passes_in_all_five_letters() -> None:
    assert states(line(target=Decimal(1050)), known()) == "ppppp"


def test_a_target_over_p95_is_flagged_high_but_not_refused() -> None:
    verdicts = smart_verdict(line(target=Decimal(1200)), known())
    assert (verdicts["A"].state, verdicts["A"].code) == ("warn", "goals.smart_a_high")
    assert failing(verdicts) == []


def test_a_target_under_p25_is_flagged_loose() -> None:
    assert smart_verdict(line(target=Decimal(880)), known())["A"].code == "goals.smart_a_low"


def test_for_complaints_the_low_end_is_the_ambitious_one() -> None:
    complaints = known(direction="LB")
    assert smart_verdict(line(target=Decimal(800)), complaints)["A"].code == "goals.smart_a_high"
    assert smart_verdict(line(target=Decimal(1300)), complaints)["A"].code == "goals.smart_a_low"


def test_without_eight_peers_the_letter_only_informs() -> None:
    assert states(line(), known(peers=None)) == "ppipp"
    verdict = smart_verdict(line(), known(peers=None, last_year=None))["A"]
    assert verdict.code == "goals.smart_a_unknown"


@pytest.mark.parametrize(
    ("change", "letter", "code"),
    [
        ({"title": " "}, "S", "goals.smart_s_short"),
        ({"target": None}, "M", "goals.smart_m_target"),
        ({"action_due_on": date(2026, 1, 1)}, "T", "goals.smart_t_outside"),
    ],
)
def test_what_is_missing_fails(change: dict[str, Any], letter: str, code: str) -> None:
    found = failing(smart_verdict(line(**change), known()))
    assert [(one.letter, one.code) for one in found] == [(letter, code)]


def test_an_unknown_metric_cannot_be_measured() -> None:
    assert smart_verdict(line(), known(known_metric=False))["M"].state == "fail"


def test_a_rating_needs_no_target() -> None:
    assert states(line(target=None), known(direction="RATING")) == "ppppp"


def test_a_goal_that_leads_nowhere_is_only_flagged() -> None:
    assert states(line(target=Decimal(1050)), known(reaches_objective=False)) == "pppwp"


def test_a_year_with_one_check_in_is_flagged() -> None:
    assert smart_verdict(line(), known(checkpoints=1))["T"].state == "warn"


def test_han_characters_say_as_much_as_two_letters() -> None:
    assert text_width("净新增 AUM") == 10
