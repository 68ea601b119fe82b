"""The next version of a card's file: what was asked for is changed, everything else stays."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput
from perfflow.plans.rules import parse_card
from perfflow.plans.rules.card_files import next_card, WantedLine
from tests.support.plans import CATALOGUE

FA = (CATALOGUE / "cards" / "FA.yaml").read_text("utf-8")


def card(text: str):  # type: ignore[no-untyped-def]
    return parse_card(load_configuration(text))


def wanted(text: str, **weights: int) -> list[WantedLine]:
    return [
        WantedLine(
            line.metric, weights.get(line.metric.replace("-", "_"), line.weight_bp), line.curve
        )
        for line in card(text).lines
    ]


def test_only_the_weight_and_the_version_change() -> None:
    changed = next_card(FA, wanted(FA, RS_01=1600, GR_01=400))
    before, after = FA.splitlines(), changed.splitlines()
    different = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert different == [
        ("version: 1", "version: 2"),
        ("    weight_bp: 1500", "    weight_bp: 1600"),
        ("    weight_bp: 500", "    weight_bp: 400"),
    ]


def test_a_line_leaves_with_everything_in_it() -> None:
    changed = next_card(FA, [line for line in wanted(FA) if line.metric != "CL-06"])
    assert "CL-06" not in changed
    assert len(card(changed).lines) == len(card(FA).lines) - 1


def test_digital_metrics_join_a_card_at_its_end() -> None:
    more = [WantedLine("CL-13", 500, "STD"), WantedLine("GR-11", 500, "STD")]
    after = card(next_card(FA, [*wanted(FA), *more])).lines[-2:]
    assert [(line.metric, line.weight_bp, line.curve) for line in after] == [
        ("CL-13", 500, "STD"),
        ("GR-11", 500, "STD"),
    ]
    assert card(next_card(FA, [*wanted(FA), *more])).deductions == ("CP-02", "CP-08")


def test_comments_and_rules_of_targets_stay() -> None:
    text = FA.replace("  - metric: CL-06", "  # visits that somebody wrote up\n  - metric: CL-06")
    changed = next_card(text, wanted(text, RS_01=1400))
    assert "# visits that somebody wrote up" in changed
    assert card(changed).lines[0].target_rule["rate"] == "0.08"


def test_a_file_without_a_version_or_a_last_line_break_gets_what_it_needs() -> None:
    text = """post: FA
line: front
name_zh: 甲
name_en: A
lines:
  - {metric: RS-01, weight_bp: 6000}
  - {metric: CP-01, weight_bp: 4000}"""
    changed = card(next_card(text, [*wanted(text), WantedLine("CL-01", 500, "RAMP")]))
    assert changed.version == 2
    assert [line.metric for line in changed.lines] == ["RS-01", "CP-01", "CL-01"]


def test_lines_in_brackets_are_left_to_the_text_page() -> None:
    text = "post: FA\nline: front\nname_zh: 甲\nname_en: A\nlines: [{metric: A, weight_bp: 1}]\n"
    with pytest.raises(BadInput) as caught:
        next_card(text, [WantedLine("A", 2, "STD")])
    assert caught.value.code == "plans.card_not_editable"


@pytest.mark.parametrize("path", sorted((CATALOGUE / "cards").glob("*.yaml")), ids=lambda p: p.stem)
@given(data=some.data())
def test_any_weights_any_subset_and_any_addition_come_out_as_wanted(path, data) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text("utf-8")
    kept = data.draw(some.lists(some.sampled_from(wanted(text)), min_size=1, unique=True))
    lines = [WantedLine(one.metric, data.draw(some.integers(1, 10_000)), one.curve) for one in kept]
    if data.draw(some.booleans()):
        lines.append(WantedLine("CL-14", data.draw(some.integers(1, 10_000)), "RAMP"))
    after = card(next_card(text, lines))
    assert {(one.metric, one.weight_bp) for one in after.lines} == {
        (one.metric, one.weight_bp) for one in lines
    }
    assert (after.gates, after.deduct_cap) == (card(text).gates, Decimal(20))
