"""Totals, bands and statistics against a second implementation in fractions (domain §5.5–5.8)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from perfflow.calc import evaluate
from tests.support.by_hand import literal_band, literal_curve, rounded, shown

# --- segments, bands, distribution ----------------------------------------------------------


def literal_prorate(parts: list[tuple[int, Fraction]], least: int) -> Fraction:
    kept = [list(part) for part in parts]
    while len(kept) > 1:
        short = [i for i, part in enumerate(kept) if part[0] < least]
        if not short:
            break
        i = short[0]
        into = i - 1 if i > 0 else i + 1
        kept[into][0] += kept[i][0]
        kept.pop(i)
    days = sum(part[0] for part in kept)
    return sum((part[0] * part[1] for part in kept), Fraction(0)) / days


segments = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 12_000).map(lambda n: Fraction(n, 100))),
    min_size=1,
    max_size=8,
)


@given(segments, st.integers(0, 60))
def test_the_person_total_merges_short_segments_one_by_one(
    parts: list[tuple[int, Fraction]], least: int
) -> None:
    rows = [[f"s{i}", days, shown(total, 2)] for i, (days, total) in enumerate(parts)]
    got = evaluate("prorate", {"segments": rows, "min_days": least})
    assert got == shown(literal_prorate(parts, least), 2)


@given(st.integers(0, 12_000), st.data())
def test_splitting_a_constant_year_anywhere_changes_nothing(
    total_e2: int, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, 364), max_size=8)))
    edges = [0, *cuts, 365]
    total = shown(Fraction(total_e2, 100), 2)
    rows = [[str(a), b - a, total] for a, b in pairwise(edges)]
    assert evaluate("prorate", {"segments": rows}) == total
    merged = evaluate("merge_segments", {"segments": [row[:2] for row in rows]})
    assert sum(days for _, days in merged) == 365


def test_a_segment_without_days_joins_its_neighbour_and_no_days_at_all_are_an_error() -> None:
    assert evaluate("prorate", {"segments": [["a", 0, "50"], ["b", 365, "90"]]}) == "90.00"
    assert evaluate("prorate", {"segments": [["a", 0, "50"]]}) == "error:DOMAIN"
    assert evaluate("prorate", {"segments": []}) == "error:DOMAIN"


@given(st.integers(0, 130_000))
def test_bands_are_decided_on_the_two_digits_that_people_see(total_e3: int) -> None:
    total = Fraction(total_e3, 1000)
    expected = literal_band(rounded(total, 2))
    assert evaluate("band", {"total": shown(total, 3)}) == expected


@given(st.integers(0, 12_000))
def test_interpolated_coefficients_lie_between_the_middles_of_the_bands(total_e2: int) -> None:
    total = Fraction(total_e2, 100)
    middles = [("30", "0"), ("70", "0.6"), ("87.5", "1"), ("102.5", "1.2"), ("115", "1.5")]
    expected = Fraction(0) if total < 60 else literal_curve(middles, total)
    got = evaluate("coefficient", {"total": shown(total, 2), "mode": "interpolated"})
    assert got == shown(expected, 4)


@given(st.integers(0, 500), st.lists(st.integers(0, 40), min_size=1, max_size=7).filter(any))
def test_places_go_to_the_largest_remainders_and_the_earlier_of_equals(
    count: int, shares: list[int]
) -> None:
    whole = sum(shares)
    exacts = [Fraction(count * share, whole) for share in shares]
    places = [value.numerator // value.denominator for value in exacts]
    while sum(places) < count:
        left = [value - place for value, place in zip(exacts, places, strict=True)]
        places[left.index(max(left))] += 1
    assert evaluate("apportion", {"n": count, "pct": shares}) == places


@given(
    st.dictionaries(
        st.sampled_from("ABCDE"),
        st.lists(st.tuples(st.integers(60, 120), st.integers(60, 120)), min_size=1, max_size=7),
        min_size=2,
    )
)
def test_leniency_statistics_follow_their_definitions(
    scores: dict[str, list[tuple[int, int]]],
) -> None:
    got = evaluate("leniency", {"scores": {m: [list(p) for p in v] for m, v in scores.items()}})
    errors = {m: [Fraction(a - b) for a, b in pairs] for m, pairs in scores.items()}
    n, groups = sum(map(len, errors.values())), len(errors)
    mean = {m: sum(e) / len(e) for m, e in errors.items()}
    grand = sum(sum(e) for e in errors.values()) / Fraction(n)
    if n == groups:
        assert got is None
        return
    s2 = sum((x - mean[m]) ** 2 for m, e in errors.items() for x in e) / Fraction(n - groups)
    if s2 == 0:
        assert got is None
        return
    n0 = (n - Fraction(sum(len(e) ** 2 for e in errors.values()), n)) / (groups - 1)
    msb = sum(len(e) * (mean[m] - grand) ** 2 for m, e in errors.items()) / Fraction(groups - 1)
    tau2 = max(Fraction(0), (msb - s2) / n0)
    assert got["mean"] == shown(grand, 4)
    assert got["tau2"] == shown(tau2, 4)
    for m, one in got["managers"].items():
        gap, size = mean[m] - grand, len(errors[m])
        shrinkage = tau2 / (tau2 + s2 / size)
        assert one["L"] == shown(gap, 4)
        assert one["lambda"] == shown(shrinkage, 4)
        assert Fraction(one["shift"]) == rounded(min(max(-shrinkage * gap, -5), Fraction(5)), 1)
        stands_out = size >= 5 and gap**2 * size >= 4 * s2 and abs(gap) >= 3
        assert ("LENIENT" in one["flags"]) == (stands_out and gap > 0)
        assert ("STRICT" in one["flags"]) == (stands_out and gap < 0)


# --- raters, roll-up ------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 50), st.none() | st.integers(100, 500)), max_size=5))
def test_rater_groups_that_are_absent_give_their_weight_to_the_others(
    groups: list[tuple[int, Any]],
) -> None:
    there = [(weight, Fraction(mean, 100)) for weight, mean in groups if mean is not None]
    got = evaluate(
        "raters", {"groups": [[w, None if m is None else f"{m}/100"] for w, m in groups]}
    )
    if not there:
        assert got is None
    else:
        whole = sum(weight for weight, _ in there)
        assert got == shown(sum(weight * mean for weight, mean in there) / Fraction(whole), 4)
