"""The result of a person: order of steps, stages, objective total, replay and calibration."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.compliance.rules import Gate, GateStanding
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import total2
from perfflow.metrics.rules import NaPolicy
from perfflow.plans.rules.curves import Curve, FLAT100, RAMP
from perfflow.reviews.rules import (
    calibrate,
    Kind,
    LineInputs,
    Milestone,
    PersonInputs,
    PersonScore,
    score_person,
    ScoringRules,
    SegmentInputs,
    Stage,
    Step,
)


def line(code: str, weight_bp: int, percent: str | None, **more: Any) -> LineInputs:
    actual = None if percent is None else Decimal(percent)
    dimension = {"RS": "R", "CL": "C", "CP": "K", "GR": "G"}[code[:2]]
    return LineInputs(code, dimension, weight_bp, actual=actual, target=Decimal(100), **more)


def lines(percent: str = "100") -> tuple[LineInputs, ...]:
    return (
        line("RS-01", 4000, percent),
        line("CL-01", 2500, percent),
        line("CP-01", 2500, percent),
        line("GR-02", 1000, percent),
    )


def person(*segments: SegmentInputs, **more: Any) -> PersonInputs:
    days = sum(segment.days for segment in segments)
    return PersonInputs(segments, more.pop("present_days", days), **more)


def year(percent: str = "100", **more: Any) -> PersonInputs:
    return person(SegmentInputs("all year", 365, lines(percent)), **more)


def standing(gate: Gate, deduction: str = "0.00", cap: str | None = None) -> GateStanding:
    return GateStanding(
        gate=gate,
        deduction=Decimal(deduction),
        band_cap=cap,
        is_frozen=gate is Gate.FREEZE,
        is_vetoed=gate is Gate.VETO,
    )


def shown(score: PersonScore) -> tuple[str, str]:
    return str(score.total), score.band


def test_a_constant_person_gets_her_percentage() -> None:
    assert shown(score_person(year("95"))) == ("95.00", "A")


def test_conduct_deductions_come_once_after_the_segments() -> None:
    segments = (
        SegmentInputs("a", 181, lines("98.40")),
        SegmentInputs("b", 184, lines("104.00")),
    )
    score = score_person(person(*segments, standing=standing(Gate.NONE, "5.00")))
    assert score.card_total == Decimal("101.22")
    assert shown(score) == ("96.22", "A")


def test_deductions_never_go_below_zero() -> None:
    low = person(SegmentInputs("y", 365, lines("61")), standing=standing(Gate.NONE, "20.00"))
    assert shown(score_person(low)) == ("41.00", "D")
    none = person(SegmentInputs("y", 365, lines("1")), standing=standing(Gate.NONE, "20.00"))
    assert shown(score_person(none)) == ("0.00", "D")


def test_a_band_cap_lowers_the_band_but_not_the_total() -> None:
    score = score_person(year("118", standing=standing(Gate.CAP, "10.00", "B")))
    assert shown(score) == ("108.00", "B")
    assert score.is_band_capped
    assert not score_person(year("85", standing=standing(Gate.CAP, "0.00", "B"))).is_band_capped


def test_a_veto_shows_the_lowest_band_and_keeps_the_clean_one() -> None:
    score = score_person(year("100", standing=standing(Gate.VETO)))
    assert shown(score) == ("100.00", "D")
    assert (score.clean_band, score.gate) == ("A", Gate.VETO)


def test_a_freeze_changes_neither_total_nor_band() -> None:
    score = score_person(year("100", standing=standing(Gate.FREEZE)))
    assert shown(score) == ("100.00", "A")
    assert score.gate is Gate.FREEZE


def test_fewer_than_ninety_days_are_not_rated() -> None:
    score = score_person(person(SegmentInputs("y", 89, lines())))
    assert (score.status, score.total, score.band) == ("NR", None, "NR")
    assert score_person(person(SegmentInputs("y", 90, lines()))).band == "A"


def test_without_any_segment_there_is_no_rating() -> None:
    score = score_person(PersonInputs((), 0))
    assert (score.band, score.objective_total, score.coverage) == ("NR", None, Decimal(0))


def test_a_short_segment_lends_its_days_and_loses_its_score() -> None:
    segments = (
        SegmentInputs("M1", 200, lines("98.40")),
        SegmentInputs("M2", 20, lines("60.00")),
        SegmentInputs("M3", 145, lines("104.00")),
    )
    score = score_person(person(*segments))
    assert str(score.total) == "100.62"
    assert [part.days for part in score.segments] == [220, 0, 145]


def test_concurrent_posts_weigh_by_their_share() -> None:
    segments = (
        SegmentInputs("FA", 365, lines("80"), Fraction(3, 5)),
        SegmentInputs("TL", 365, lines("110"), Fraction(2, 5)),
    )
    score = score_person(PersonInputs(segments, 365))
    assert str(score.total) == "92.00"
    assert score.dims == {key: Decimal("92.0000") for key in "RCKG"}


def test_a_segment_without_enough_data_leaves_its_days_to_the_rated_ones() -> None:
    empty = tuple(
        line(code, weight, None, na_approved=True)
        for code, weight in (("RS-01", 4000), ("CL-01", 2500), ("CP-01", 2500), ("GR-02", 1000))
    )
    segments = (SegmentInputs("a", 200, lines("90")), SegmentInputs("b", 165, empty))
    assert str(score_person(person(*segments)).total) == "90.00"


def judged() -> PersonInputs:
    own = (
        line("RS-01", 4000, "90"),
        line("CL-01", 2500, "90"),
        line("CP-01", 2500, "90"),
        LineInputs("GR-06", "G", 1000, Kind.RATING, Decimal(5), is_manual=True),
    )
    return person(SegmentInputs("y", 365, own))


def test_the_objective_total_leaves_out_what_people_judge() -> None:
    score = score_person(judged())
    assert str(score.card_total) == "93.00"
    assert str(score.objective_total) == "90.00"


def test_the_computed_stage_leaves_judged_lines_out_by_the_card_policy() -> None:
    computed = score_person(replace(judged(), stage=Stage.COMPUTED))
    assert str(computed.total) == str(computed.objective_total) == "90.00"
    assert str(computed.coverage) == "0.9000"


def test_a_compliance_metric_may_only_be_missing_with_approval() -> None:
    own = (*lines()[:2], line("CP-01", 2500, None), line("GR-02", 1000, "100"))
    with pytest.raises(ComputationError, match="NA_NOT_APPROVED") as caught:
        score_person(person(SegmentInputs("y", 365, own)))
    assert caught.value.params["metric"] == "CP-01"
    approved = (*lines()[:2], replace(own[2], na_approved=True), own[3])
    assert str(score_person(person(SegmentInputs("y", 365, approved))).total) == "100.00"


def test_missing_values_block_until_the_deadline() -> None:
    own = (line("RS-01", 4000, None), *lines()[1:])
    inputs = person(SegmentInputs("y", 365, own))
    with pytest.raises(ComputationError, match="MISSING"):
        score_person(inputs, ScoringRules(blocks_on_missing=True))
    assert str(score_person(inputs).total) == "100.00"


def test_an_error_names_the_metric() -> None:
    own = (replace(lines()[0], target=0), *lines()[1:])
    with pytest.raises(ComputationError) as caught:
        score_person(person(SegmentInputs("y", 365, own)))
    assert (caught.value.name, caught.value.params["metric"]) == ("SCALE_REQUIRED", "RS-01")


def test_a_line_without_the_target_that_it_needs_is_refused() -> None:
    own = (replace(lines()[0], target=None), *lines()[1:])
    with pytest.raises(ComputationError, match="INPUT_REQUIRED"):
        score_person(person(SegmentInputs("y", 365, own)))


def every_kind() -> tuple[LineInputs, ...]:
    return (
        line("RS-01", 1500, "90", curve=RAMP),
        line("CP-01", 1000, "80", kind=Kind.LB),
        line("CP-03", 1000, "99", curve=FLAT100),
        line("CP-12", 1000, "120", kind=Kind.LB_INV),
        line("CL-01", 1000, "95", kind=Kind.BASE, baseline=Decimal(90)),
        LineInputs(
            "RS-15", "R", 500, Kind.RANGE, Decimal("1.04"), lo="0.95", hi="1.02", tol_hi="0.05"
        ),
        LineInputs(
            "RS-14",
            "R",
            1000,
            Kind.MILESTONE,
            milestones=(Milestone("0.6", 4), Milestone("0.4", 0)),
        ),
        LineInputs("GR-03", "G", 500, Kind.MILESTONE, Decimal("0.8")),
        LineInputs("CL-02", "C", 500, Kind.BAND, Decimal(7), steps=(Step(5, 80), Step(9, 110))),
        LineInputs("GR-01", "G", 500, Kind.RATING, Decimal("4.2333"), is_manual=True),
        line("CL-04", 500, None, na_policy=NaPolicy.NEUTRAL),
        line("CL-05", 1000, "110", curve=Curve("OWN", [(0, 0), (1, 100), ("1.5", 130)])),
    )


def test_every_kind_of_line_survives_storing_and_gives_the_same_result() -> None:
    inputs = person(
        SegmentInputs("y", 365, every_kind(), add=Decimal(2), deduct=Decimal("1.5")),
        standing=standing(Gate.CAP, "10.00", "B"),
    )
    restored = PersonInputs.from_dict(json.loads(json.dumps(inputs.to_dict())))
    first, again = score_person(inputs), score_person(restored)
    assert first.total == again.total
    assert first.explanation == again.explanation
    assert restored.to_dict() == inputs.to_dict()


def test_stored_inputs_with_an_unknown_key_are_refused() -> None:
    stored = year().to_dict()
    stored["segments"][0]["lines"][0]["colour"] = "red"
    with pytest.raises(TypeError):
        PersonInputs.from_dict(stored)


def test_the_tree_ends_at_the_total_and_starts_at_the_values() -> None:
    score = score_person(year("90", standing=standing(Gate.VETO, "5.00", "B")))
    tree = score.explanation
    assert tree.value == str(score.total) == "85.00"
    codes = {node.code for node in tree.walk()}
    assert codes >= {
        "reviews.explain.result",
        "reviews.explain.card_total",
        "reviews.explain.segment",
        "reviews.explain.line",
        "reviews.explain.attainment",
        "reviews.explain.band_cap",
        "reviews.explain.gate",
    }
    first = tree.find("reviews.explain.attainment")
    assert first is not None
    assert first.value == "0.900000"
    assert first.params == {"metric": "RS-01", "actual": "90", "target": "100"}


def test_the_tree_shows_where_a_missing_weight_went() -> None:
    own = (line("RS-01", 2000, "100"), line("RS-02", 2000, None), *lines()[1:])
    tree = score_person(person(SegmentInputs("y", 365, own))).explanation
    gone = tree.find("reviews.explain.na_dimension")
    kept = tree.find("reviews.explain.line")
    assert gone is not None
    assert gone.params["metric"] == "RS-02"
    assert kept is not None
    assert (kept.weight_bp, kept.params["effective"]) == (2000, "40.00%")


def test_lines_of_the_tree_give_the_total_again() -> None:
    tree = score_person(year("97.31")).explanation
    scores = [node for node in tree.walk() if node.code == "reviews.explain.line"]
    again = sum(Decimal(n.value or 0) * (n.weight_bp or 0) for n in scores) / 10_000
    assert str(again.quantize(Decimal("0.01"))) == tree.value


def test_a_tree_survives_its_stored_form() -> None:
    tree = score_person(person(SegmentInputs("y", 365, every_kind()))).explanation
    stored = json.loads(json.dumps(tree.to_dict()))
    assert Node.from_dict(stored) == tree
    assert "children" not in stored["children"][0]["children"][0]["children"][0]["children"][0]


@given(st.decimals("0", "200", places=2), st.decimals("0", "20", places=2))
def test_more_deduction_never_raises_a_result(percent: Decimal, points: Decimal) -> None:
    clean = score_person(year(str(percent)))
    worse = score_person(year(str(percent), standing=standing(Gate.NONE, str(points))))
    assert clean.total is not None
    assert worse.total == max(Decimal(0), clean.total - points)


@pytest.mark.parametrize(
    ("total", "band", "points", "cap", "expected"),
    [
        ("94.00", "B", "1.00", None, ("95.00", "A")),
        ("94.00", "B", "0.99", None, ("94.99", "B")),
        ("94.00", "B", "10.00", None, ("104.00", "A")),
        ("96.00", "A", "-10.00", None, ("86.00", "B")),
        ("100.00", "B", "10.00", "B", ("110.00", "B")),
        ("118.00", "S", "10.00", None, ("120.00", "S")),
        ("3.00", "D", "-10.00", None, ("0.00", "D")),
    ],
)
def test_calibration_moves_the_total_and_the_band_follows(
    total: str, band: str, points: str, cap: str | None, expected: tuple[str, str]
) -> None:
    moved, new = calibrate(Decimal(total), band, Decimal(points), band_cap=cap)
    assert (str(moved), new) == expected


@pytest.mark.parametrize(
    ("band", "points", "code"),
    [
        ("B", "10.01", "CALIBRATION_POINTS"),
        ("B", "-10.01", "CALIBRATION_POINTS"),
        ("C", "9.00", "CALIBRATION_BAND"),
        ("B", "1.005", "DOMAIN"),
    ],
)
def test_calibration_stays_within_its_limits(band: str, points: str, code: str) -> None:
    with pytest.raises(ComputationError) as caught:
        calibrate(Decimal("94.00"), band, Decimal(points))
    assert caught.value.name == code


def test_a_short_concurrent_post_gives_the_receiver_only_its_own_weight() -> None:
    parts = person(
        SegmentInputs("FA", 181, lines("100")),
        SegmentInputs("TL half", 10, lines("50"), share=Fraction(1, 2)),
        SegmentInputs("RM", 174, lines("80")),
        present_days=365,
    )
    score = score_person(parts)
    assert [part.weight for part in score.segments] == [186, 0, 174]
    assert score.total == total2(Fraction(186 * 100 + 174 * 80, 360))
