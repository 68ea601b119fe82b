"""The shipped catalogue is whole, and a broken one is refused before it is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfflow.db import Database
from perfflow.goals.catalogue_gate import check_catalogue
from perfflow.kernel.errors import NotFound
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.catalogue import metrics_of
from perfflow.plans import queries
from perfflow.plans.linting import findings_of
from perfflow.plans.rules import CODES
from perfflow.plans.wording import RULE_TEXTS
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.deployments import read_tree

ROOT = Path(__file__).resolve().parents[3]
FILES = read_tree(ROOT)
DOCUMENTS = {path: content.decode() for path, content in FILES.items() if "catalogue/" in path}
WEIGHTS = {
    "FA": (40, 25, 25, 10), "RM": (40, 25, 25, 10), "TL": (35, 20, 25, 20),
    "RC": (10, 10, 60, 20), "OP": (10, 25, 50, 15), "PD": (35, 20, 30, 15),
    "HQ": (40, 25, 15, 20),
}  # fmt: skip


def changed(path: str, old: str, new: str) -> dict[str, bytes]:
    """The shipped files with one text replaced."""
    text = FILES[path].decode()
    assert old in text
    return {**FILES, path: text.replace(old, new, 1).encode()}


def test_the_shipped_catalogue_has_no_findings_but_what_it_may_cost() -> None:
    found = check_catalogue(FILES)
    assert [(one.code, one.severity) for one in found] == [("PL-25", "note")]
    assert found[0].path == "catalogue/plans/bonus-STD.yaml"


def test_there_are_64_metrics_with_both_languages_and_a_formula(firm: Database) -> None:
    with firm.reading() as session:
        metrics = metric_queries.metric_catalogue(session)
    assert len(metrics) == 64
    counts = {code: sum(m.dimension.value == code for m in metrics.values()) for code in "RCKG"}
    assert counts == {"R": 16, "C": 16, "K": 20, "G": 12}
    assert all(m.intent_zh and m.intent_en and m.numerator and m.owner for m in metrics.values())


@pytest.mark.parametrize("post", sorted(WEIGHTS))
def test_the_cards_weigh_the_dimensions_as_the_specification_says(
    firm: Database, post: str
) -> None:
    with firm.reading() as session:
        release = workflow_queries.current_release(session)
        card = queries.cards_by_post(session, release)[post]
        metrics = metric_queries.metric_catalogue(session, release)
    shares = dict.fromkeys("RCKG", 0)
    for line in card.lines:
        shares[metrics[line.metric].dimension.value] += line.weight_bp
    assert tuple(bp // 100 for bp in shares.values()) == WEIGHTS[post]
    assert (card.deductions, card.gates) == (("CP-02", "CP-08"), ("CP-19",))


def test_hygiene_metrics_give_no_credit_above_the_target(firm: Database) -> None:
    with firm.reading() as session:
        cards = queries.card_templates(session, workflow_queries.current_release(session))
    for card in cards.values():
        for line in card.lines:
            if line.metric in {"CP-03", "CP-04", "CP-06", "CP-07"}:
                assert line.curve == "FLAT100"


def test_the_bonus_plan_and_its_deferral_are_there(firm: Database) -> None:
    with firm.reading() as session:
        release = workflow_queries.current_release(session)
        plan = queries.bonus_plan(session, release)
        assert queries.deferral_policy(session, release, plan.deferral).code == "deferral-CN"
        with pytest.raises(NotFound):
            queries.bonus_plan(session, release, "no-such-plan")
        with pytest.raises(NotFound):
            queries.card_template(session, release, "XX-STD")


def test_the_shipped_cards_pass_the_plan_linter() -> None:
    assert [finding for finding in findings_of(DOCUMENTS) if finding.blocks] == []


@pytest.mark.parametrize(
    ("path", "old", "new", "code"),
    [
        ("catalogue/cards/FA.yaml", "weight_bp: 1500", "weight_bp: 1400", "PL-01"),
        ("catalogue/cards/FA.yaml", "metric: RS-01", "metric: RS-99", "PL-13"),
        ("catalogue/metrics/results.yaml", "unit: cny_10k", "unit: furlong", "CT-003"),
        ("catalogue/objectives/new-products.yaml", "metric: RS-07", "metric: RS-99", "CT-004"),
        (
            "catalogue/plans/bonus-STD.yaml",
            "deferral: deferral-CN",
            "deferral: none",
            "CT-005",
        ),
        ("catalogue/packs/ANNUAL-STD.yaml", "due: cycle_end + 8 wd", "due: someday", "CT-002"),
        ("catalogue/metrics/growth.yaml", "code: GR-01", "code: RS-01", "CT-002"),
    ],
)
def test_a_broken_catalogue_is_refused_with_the_place(
    path: str, old: str, new: str, code: str
) -> None:
    findings = check_catalogue(changed(path, old, new))
    assert code in {finding.code for finding in findings if finding.severity == "error"}


def test_text_that_is_not_utf8_is_named() -> None:
    findings = check_catalogue({**FILES, "catalogue/cards/FA.yaml": b"\xff\xfe"})
    assert [(finding.code, finding.path) for finding in findings][:1] == [
        ("CT-001", "catalogue/cards/FA.yaml")
    ]


def test_a_sheet_of_sales_only_is_expressible_and_refused() -> None:
    """The bank scheme of §4.3: all results, which the linter must reject."""
    card = FILES["catalogue/cards/FA.yaml"].decode()
    head = card[: card.index("lines:")]
    lines = "".join(
        f"  - {{metric: {code}, weight_bp: {bp}, curve: ACC}}\n"
        for code, bp in (("RS-03", 4000), ("RS-04", 3000), ("RS-01", 3000))
    )
    files = {**FILES, "catalogue/cards/FA.yaml": f"{head}lines:\n{lines}".encode()}
    codes = {finding.code for finding in check_catalogue(files) if finding.severity == "error"}
    assert {"PL-04", "PL-05", "PL-12"} <= codes


def test_the_reference_page_describes_every_rule() -> None:
    page = (ROOT / "docs" / "reference" / "plan-linter.md").read_text("utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| PL-")]
    assert rows == list(CODES) == list(RULE_TEXTS)


def test_every_metric_says_its_formula_in_both_languages() -> None:
    for metric in metrics_of(DOCUMENTS).values():
        assert bool(metric.denominator) == bool(metric.denominator_zh), metric.code
        assert any("\u4e00" <= sign <= "\u9fff" for sign in metric.formula("zh")), metric.code
        assert metric.formula("en") != metric.formula("zh")


def test_advisors_and_relationship_managers_find_financial_plans_in_their_library() -> None:
    libraries = queries.libraries_of(DOCUMENTS)
    posts = {one.post: {goal.metric for goal in one.goals} for one in libraries.values()}
    assert set(posts) == set(WEIGHTS)
    assert "CL-08" in posts["FA"] & posts["RM"]
