"""The core against a second implementation: slow, literal, in fractions only (domain §5.2–5.8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perfflow.calc import evaluate
from tests.support.by_hand import HALF, literal_band, literal_curve, rounded, shown

STD = [("0", "0"), ("0.6", "0"), ("0.6", "60"), ("1", "100"), ("1.2", "120")]
RAMP = [("0", "0"), ("0.6", "0"), ("1", "100"), ("1.2", "120")]
ACC = [("0", "0"), ("0.6", "0"), ("0.6", "60"), ("1", "100"), ("1.25", "150")]
FLAT100 = [("0", "0"), ("1", "100")]
KNOTS = {"STD": STD, "RAMP": RAMP, "ACC": ACC, "FLAT100": FLAT100}


numbers = st.integers(-3000, 3000).map(lambda n: Fraction(n, 8))
text = numbers.map(lambda n: shown(n, 3))


# --- attainment -----------------------------------------------------------------------------


def literal_attain(kind: str, g: dict[str, str]) -> str:
    f = {name: Fraction(value) for name, value in g.items() if name != "kind"}
    a = f["A"]
    if kind in ("HB", "LB"):
        t = f["T"]
        s = f.get("S", abs(t))
        if s == 0:
            return "error:SCALE_REQUIRED"
        r = 1 + (a - t) / s if kind == "HB" else 1 + (t - a) / s
    elif kind == "LB_INV":
        t = f["T"]
        if t <= 0 or a < 0:
            return "error:DOMAIN"
        r = Fraction(10) if a == 0 else t / a
    elif kind == "BASE":
        if f["T"] == f["B"]:
            return "error:BASE_EQ_TARGET"
        r = (a - f["B"]) / (f["T"] - f["B"])
    else:
        if f["lo"] > f["hi"]:
            return "error:RANGE_ORDER"
        r = Fraction(1)
        if a < f["lo"]:
            r = 1 - (f["lo"] - a) / f["tol_lo"] if f["tol_lo"] else Fraction(0)
        if a > f["hi"]:
            r = 1 - (a - f["hi"]) / f["tol_hi"] if f["tol_hi"] else Fraction(0)
    return shown(min(max(r, Fraction(0)), Fraction(10)), 6)


SHAPES = {
    "HB": ("A", "T"),
    "LB": ("A", "T"),
    "LB_INV": ("A", "T"),
    "BASE": ("A", "T", "B"),
    "RANGE": ("A", "lo", "hi"),
}


@settings(max_examples=400)
@given(st.data())
def test_attainment_equals_the_formulas_of_the_specification(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(SHAPES)))
    inputs: dict[str, Any] = {"kind": kind}
    for name in SHAPES[kind]:
        inputs[name] = data.draw(text)
    if kind in ("HB", "LB") and data.draw(st.booleans()):
        inputs["S"] = shown(abs(data.draw(numbers)), 3)
    if kind == "RANGE":
        inputs["tol_lo"], inputs["tol_hi"] = (shown(abs(data.draw(numbers)), 3) for _ in "ab")
    assert evaluate("attain", inputs) == literal_attain(kind, inputs)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.none() | st.integers(0, 30)), min_size=1, max_size=5)
)
def test_milestones_lose_five_per_cent_a_day_down_to_half(parts: list[tuple[int, Any]]) -> None:
    whole = sum(weight for weight, _ in parts)
    expected = sum(
        (
            Fraction(weight, whole) * max(HALF, 1 - Fraction(5, 100) * late)
            for weight, late in parts
            if late is not None
        ),
        Fraction(0),
    )
    rows = [[f"{weight}/{whole}", late] for weight, late in parts]
    got = evaluate("attain", {"kind": "MILESTONE", "milestones": rows})
    assert got == shown(expected, 6)


@given(st.integers(1000, 5000))
def test_a_rating_lies_on_the_line_between_its_neighbours(rating_e3: int) -> None:
    rating, points = Fraction(rating_e3, 1000), (0, 60, 80, 100, 120)
    low = min(int(rating), 4)
    expected = points[low - 1] + (rating - low) * (points[low] - points[low - 1])
    assert evaluate("attain", {"kind": "RATING", "A": shown(rating, 3)}) == shown(expected, 4)


def literal_band_table(a: Fraction, steps: Any, default: Fraction, *, less: bool) -> Fraction:
    best: tuple[Fraction, Fraction] | None = None
    for limit, score in steps:
        fits = limit >= a if less else limit <= a
        if fits and (best is None or (limit < best[0] if less else limit > best[0])):
            best = (limit, score)
    return default if best is None else best[1]


@given(
    numbers,
    st.lists(st.tuples(numbers, st.integers(0, 150)), max_size=5, unique_by=lambda row: row[0]),
    st.booleans(),
)
def test_a_table_gives_the_score_of_the_nearest_step_that_fits(
    a: Fraction, steps: list[tuple[Fraction, int]], less: bool
) -> None:
    got = evaluate(
        "attain",
        {
            "kind": "BAND",
            "A": shown(a, 3),
            "steps": [[shown(limit, 3), score] for limit, score in steps],
            "default": 7,
            "less_is_better": less,
        },
    )
    assert got == shown(Fraction(literal_band_table(a, steps, Fraction(7), less=less)), 4)


# --- curves ---------------------------------------------------------------------------------


@given(st.sampled_from(sorted(KNOTS)), st.integers(0, 2_000_000))
def test_curves_are_lines_between_knots_with_jumps(name: str, r_e6: int) -> None:
    r = Fraction(r_e6, 10**6)
    got = evaluate("curve", {"knots": name, "r": shown(r, 6)})
    assert got == shown(literal_curve(KNOTS[name], r), 4)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 150)), min_size=1, max_size=6),
    st.integers(0, 1300),
)
def test_a_curve_of_ones_own_follows_its_knots(points: list[tuple[int, int]], r_e2: int) -> None:
    knots = [(str(x), str(y)) for x, y in sorted(points, key=lambda knot: knot[0])]
    r = Fraction(r_e2, 100)
    got = evaluate("curve", {"knots": [list(knot) for knot in knots], "r": shown(r, 2)})
    assert got == shown(literal_curve(knots, r), 4)


# --- cards ----------------------------------------------------------------------------------


def literal_card(rows: Any, policy: str, add: Fraction, deduct: Fraction) -> dict[str, Any]:
    """Moves weights one line at a time, as the text says."""
    coverage = sum(weight for _, _, weight, score in rows if score is not None)
    found: dict[str, Any] = {"coverage": shown(Fraction(coverage, 10_000), 4)}
    if coverage < 6000:
        return {"status": "NR", **found}
    stand_in = {"neutral": Fraction(100), "zero": Fraction(0)}.get(policy)
    weights: dict[str, Fraction] = {}
    scores: dict[str, Fraction] = {}
    orphans = Fraction(0)
    for code, dim, weight, score in rows:
        if score is None and stand_in is not None:
            score = stand_in
        if score is not None:
            weights[code] = weights.get(code, Fraction(0)) + weight
            scores[code] = score
            continue
        if policy == "card":
            orphans += weight
            continue
        mates = [row for row in rows if row[1] == dim and row[3] is not None and row[2]]
        own = sum(row[2] for row in mates)
        if not own:
            orphans += weight
        for row in mates:
            weights[row[0]] = weights.get(row[0], Fraction(0)) + Fraction(weight * row[2], own)
    held = sum(weights.values(), Fraction(0))
    weights = {code: weight + orphans * weight / held for code, weight in weights.items()}
    total = sum((weights[code] * scores[code] for code in scores), Fraction(0)) / 10_000
    total += min(add, Fraction(5)) - min(deduct, Fraction(20))
    total = min(max(total, Fraction(0)), Fraction(120))
    dims: dict[str, str] = {}
    for dim in dict.fromkeys(row[1] for row in rows):
        members = [row for row in rows if row[1] == dim and row[2] and row[0] in scores]
        share = sum(row[2] for row in members)
        if share:
            mean = sum((row[2] * scores[row[0]] for row in members), Fraction(0)) / share
            dims[dim] = shown(mean, 4)
    return {
        "status": "OK",
        **found,
        "dims": dims,
        "total": shown(total, 2),
        "band": literal_band(rounded(total, 2)),
    }


@st.composite
def cards(draw: st.DrawFn) -> list[list[Any]]:
    count = draw(st.integers(1, 7))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=count - 1, max_size=count - 1)))
    edges = [0, *cuts, 100]
    score = st.none() | st.integers(0, 1_500_000).map(lambda n: Fraction(n, 10**4))
    return [
        [f"M{i}", draw(st.sampled_from("RCKG")), 100 * (edges[i + 1] - edges[i]), draw(score)]
        for i in range(count)
    ]


def as_rows(rows: list[list[Any]]) -> list[list[Any]]:
    return [[c, d, w, None if s is None else shown(s, 4)] for c, d, w, s in rows]


@settings(max_examples=500)
@given(
    cards(),
    st.sampled_from(["dimension", "card", "neutral", "zero"]),
    st.integers(0, 80),
    st.integers(0, 80),
)
def test_a_card_is_what_moving_weights_by_hand_gives(
    rows: list[list[Any]], policy: str, add: int, deduct: int
) -> None:
    got = evaluate(
        "card",
        {"rows": as_rows(rows), "na": policy, "add": f"{add}/10", "deduct": f"{deduct}/4"},
    )
    assert got == literal_card(rows, policy, Fraction(add, 10), Fraction(deduct, 4))


@given(cards(), st.sampled_from(["dimension", "card", "neutral", "zero"]), st.randoms())
def test_the_order_of_the_lines_of_a_card_changes_nothing(
    rows: list[list[Any]], policy: str, dice: Any
) -> None:
    mixed = list(rows)
    dice.shuffle(mixed)
    first, second = (
        evaluate("card", {"rows": as_rows(part), "na": policy}) for part in (rows, mixed)
    )
    assert first == second


def test_weights_that_miss_the_whole_are_an_error() -> None:
    rows = [["RS-01", "R", 9999, "100"]]
    assert evaluate("card", {"rows": rows, "na": "card"}) == "error:WEIGHTS"


def test_coverage_of_exactly_sixty_per_cent_is_rated() -> None:
    rows = [["RS-01", "R", 6000, "90"], ["CL-01", "C", 4000, None]]
    assert evaluate("card", {"rows": rows})["total"] == "90.00"
    rows = [["RS-01", "R", 5999, "90"], ["CL-01", "C", 4001, None]]
    assert evaluate("card", {"rows": rows}) == {"status": "NR", "coverage": "0.5999"}
