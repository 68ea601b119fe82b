"""Decision tables about pay: coefficients, deferral categories, liability ratios."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.clawback.rules import check_ratio
from perfflow.goals.catalogue_gate import check_catalogue
from perfflow.kernel.errors import BadInput, RuleViolation
from perfflow.plans.rules import DEFAULT_BANDS, parse_bonus_plan, parse_card
from perfflow.plans.rules.decisions import Liability, PayDecisions, read_decisions
from perfflow.plans.rules.deferral import PayCategory
from perfflow.plans.rules.linter import lint, PlanUnderTest
from tests.feel.dmn import decision, input_data, model, table
from tests.support.cast import shipped_files
from tests.support.plans import CATALOGUE, codes, METRICS, read

SHIPPED = {
    path: content.decode() for path, content in shipped_files().items() if path.endswith(".dmn")
}
PAY = {path: text for path, text in SHIPPED.items() if path.startswith("catalogue/decisions/")}
NOTHING = PayDecisions({})


def shipped() -> PayDecisions:
    return read_decisions(PAY)


def coefficients(*rules: tuple[str, str, str, str], policy: str = "FIRST") -> str:
    """A table of (post, cycle kind, band) → coefficient."""
    logic = table(["post", "cycle kind", "band"], rules, policy=policy, outputs=["coefficient"])
    names = ("post", "cycle kind", "band")
    inputs = "".join(input_data(name).replace(f"in-{name}", f"in-{name[:4]}") for name in names)
    needs = ["in-post", "in-cycl", "in-band"]
    return model(inputs, decision("performance-coefficient", logic, needs)).decode()


def given(text: str) -> PayDecisions:
    return read_decisions({"catalogue/decisions/own.dmn": text})


def test_the_shipped_tables_say_what_the_plan_says() -> None:
    for post in ("FA", "TL", "EX"):
        for kind in ("ANNUAL", "QUARTER"):
            bands = shipped().bands_for(DEFAULT_BANDS, post, kind)
            assert [one.coefficient for one in bands.bands] == [
                one.coefficient for one in DEFAULT_BANDS.bands
            ]


def test_a_post_and_a_kind_of_cycle_may_have_coefficients_of_their_own() -> None:
    own = given(
        coefficients(
            ('"FA"', '"QUARTER"', '"A"', "1.1"),
            ('"FA"', "-", '"A"', "1.3"),
            ("-", "-", "-", "null"),
        )
    )
    found = {
        (post, kind): own.bands_for(DEFAULT_BANDS, post, kind).coefficient("A")
        for post in ("FA", "RM")
        for kind in ("ANNUAL", "QUARTER")
    }
    assert found == {
        ("FA", "QUARTER"): Decimal("1.1"),
        ("FA", "ANNUAL"): Decimal("1.3"),
        ("RM", "ANNUAL"): Decimal("1.2"),
        ("RM", "QUARTER"): Decimal("1.2"),
    }


@pytest.mark.parametrize("answer", ['"much"', "-1", "true", "[1, 2]"])
def test_what_is_no_coefficient_is_refused_with_the_question(answer: str) -> None:
    with pytest.raises(BadInput) as caught:
        given(coefficients(("-", "-", "-", answer))).bands_for(DEFAULT_BANDS, "FA", "ANNUAL")
    assert caught.value.params["asked"] == "FA, ANNUAL, S"


@pytest.mark.parametrize(
    ("category", "heads", "expected"),
    [
        ("SENIOR", "firm", (PayCategory.SENIOR, True)),
        ("SENIOR", "division", (PayCategory.SENIOR, False)),
        ("SENIOR", None, (PayCategory.SENIOR, False)),
        ("KEY", "team", (PayCategory.KEY, False)),
        ("CONTROL", "division", (PayCategory.CONTROL, False)),
        ("STAFF", "branch", (PayCategory.KEY, False)),
        ("STAFF", "team", (PayCategory.STAFF, False)),
        ("STAFF", None, (PayCategory.STAFF, False)),
    ],
)
def test_heads_of_branches_defer_like_risk_takers_and_the_firms_head_like_a_main_leader(
    category: str, heads: str | None, expected: tuple[PayCategory, bool]
) -> None:
    assert shipped().category("HQ", PayCategory(category), heads) == expected
    assert NOTHING.category("HQ", PayCategory(category), heads) == (PayCategory(category), False)


def test_liability_has_a_usual_ratio_and_a_range_with_and_without_a_table() -> None:
    for tables in (shipped(), NOTHING):
        assert tables.liability(Liability.PRIMARY).least_bp == 10_000
        assert tables.liability(Liability.SIGNIFICANT).ratio_bp == 5_000
        general = tables.liability(Liability.GENERAL)
        assert (general.least_bp, general.most_bp) == (1_000, 3_000)


def test_a_ratio_outside_its_range_is_refused() -> None:
    logic = table(["liability"], [["-", "0.5", "0.6", "0.7"]], outputs=["ratio", "least", "most"])
    text = model(
        input_data("liability"), decision("liability-ratio", logic, ["in-liability"])
    ).decode()
    with pytest.raises(BadInput):
        given(text).liability(Liability.GENERAL)


def test_the_linter_looks_at_the_table_of_every_post() -> None:
    cards = [parse_card(read(path)) for path in sorted((CATALOGUE / "cards").glob("*.yaml"))]
    floor = given(coefficients(('"RM"', "-", '"D"', "0.2"), ("-", "-", "-", "null")))
    upside_down = given(coefficients(('"RM"', "-", '"C"', "1.4"), ("-", "-", "-", "null")))
    plan = read(CATALOGUE / "plans" / "bonus-STD.yaml")
    for tables, message in ((floor, "table_without_zero"), (upside_down, "table_not_monotone")):
        found = lint(PlanUnderTest(cards, METRICS, parse_bonus_plan(plan), decisions=tables))
        (error,) = [one for one in found if one.blocks]
        assert (error.code, error.message) == ("PL-21", f"plans.lint.{message}")
        assert error.params["where"].startswith("RM")
    clean = lint(PlanUnderTest(cards, METRICS, parse_bonus_plan(plan), decisions=shipped()))
    assert codes(clean) == {"PL-25"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<text>1.2</text>", '<text>"plenty"</text>', "CT-002"),
        (
            "<definitions",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><definitions",
            None,
        ),
        ("</definitions>", "", None),
        ('<text>"A"</text>', '<text>"S"</text>', None),
    ],
)
def test_a_broken_table_is_refused_before_it_runs(old: str, new: str, code: str | None) -> None:
    files = dict(shipped_files())
    path = "catalogue/decisions/performance-coefficient.dmn"
    text = files[path].decode()
    assert old in text
    files[path] = text.replace(old, new, 1).encode()
    errors = [one for one in check_catalogue(files) if one.severity == "error"]
    assert path in {one.path for one in errors} or code in {one.code for one in errors}


def test_a_case_takes_the_usual_ratio_and_the_limits_of_the_firms_table() -> None:
    rules = [['"GENERAL"', "0.25", "0.2", "0.4"], ["-", "null", "null", "null"]]
    logic = table(["liability"], rules, policy="FIRST", outputs=["ratio", "least", "most"])
    text = model(input_data("liability"), decision("liability-ratio", logic, ["in-liability"]))
    own = given(text.decode())
    assert check_ratio("GENERAL", None, "ratio", own) == (Liability.GENERAL, 2_500)
    assert check_ratio("GENERAL", 4_000, "ratio", own) == (Liability.GENERAL, 4_000)
    with pytest.raises(RuleViolation):
        check_ratio("GENERAL", 4_000, "ratio")
    with pytest.raises(RuleViolation):
        check_ratio("GENERAL", 1_000, "ratio", own)
