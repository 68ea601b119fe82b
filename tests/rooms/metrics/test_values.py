"""Values of metrics: loads that may be repeated, versions with reasons, gaps, the freeze."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import BadInput, Conflict, NotAllowed, RuleViolation
from perfflow.metrics import actions, queries
from perfflow.metrics.models import MetricBatch, MetricValue
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, HR, MANAGER, OWNER

HEADER = "employee_no,metric_code,period,value,numerator,denominator,reason\n"
NET_NEW = f"{ADVISOR.no},RS-01,2025-01,80,,,\n"
MATCH = f"{ADVISOR.no},CP-03,2025-01,,18,20,\n"
JANUARY, DECEMBER = date(2025, 1, 1), date(2025, 12, 31)


def load(
    firm: Database,
    now: datetime,
    text: str,
    *,
    actor: Actor = SYSTEM,
    name: str = "jan.csv",
    reason: str | None = None,
) -> MetricBatch:
    with firm.writing() as session:
        return actions.load_batch(
            session, actor, now, source="CORE", file_name=name, content=text.encode(),
            reason=reason,
        )  # fmt: skip


def figures(firm: Database, *codes: str) -> dict[str, queries.Figure]:
    with firm.reading() as session:
        catalogue = queries.metric_catalogue(session)
        metrics = [catalogue[code] for code in codes]
        return queries.figures(session, ADVISOR.no, metrics, JANUARY, DECEMBER)


def test_a_load_keeps_source_batch_and_row(firm: Database, start: datetime) -> None:
    batch = load(firm, start, HEADER + NET_NEW + MATCH)
    assert (batch.row_count, batch.error_count) == (2, 0)
    with firm.reading() as session:
        [row] = queries.value_history(session, ADVISOR.no, "CP-03", "2025-01")
        assert (row.batch_id, row.row_no, row.source) == (batch.id, 2, "CORE")
        assert row.value_e6 == Decimal("0.9")


def test_the_same_file_twice_is_one_load(firm: Database, start: datetime) -> None:
    first = load(firm, start, HEADER + NET_NEW)
    again = load(firm, start, HEADER + NET_NEW)
    assert again.id == first.id
    with firm.reading() as session:
        assert queries.value_count(session) == 1


def test_a_value_that_is_there_already_is_left_as_it_is(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW)
    load(firm, start, HEADER + NET_NEW + MATCH, name="again.csv")
    with firm.reading() as session:
        assert [row.version for row in queries.value_history(session, ADVISOR.no, "RS-01", "2025-01")] == [1]  # fmt: skip  # noqa: E501


def test_a_different_value_needs_a_reason(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW)
    changed = HEADER + NET_NEW.replace(",80,", ",85,")
    batch = load(firm, start, changed, name="b.csv")
    assert [(error["row"], error["code"]) for error in batch.errors or []] == [
        (1, "metrics.reason_needed")
    ]


def test_a_different_value_with_a_reason_is_the_next_version(
    firm: Database, start: datetime
) -> None:
    load(firm, start, HEADER + NET_NEW)
    load(firm, start, HEADER + NET_NEW.replace(",80,", ",85,"), name="b.csv", reason="补录")
    with firm.reading() as session:
        rows = queries.value_history(session, ADVISOR.no, "RS-01", "2025-01")
        session.expunge_all()
    assert [(row.version, row.value_e6, row.status) for row in rows] == [
        (1, Decimal(80), "provisional"),
        (2, Decimal(85), "corrected"),
    ]
    assert rows[1].reason == "补录"


def test_ratios_are_summed_never_averaged(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + MATCH + f"{ADVISOR.no},CP-03,2025-02,,3,30,\n")
    found = figures(firm, "CP-03")["CP-03"]
    assert found.exact_value == Fraction(21, 50)
    assert found.value == Decimal("0.420000")


def test_too_small_samples_have_no_value(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + f"{ADVISOR.no},CL-01,2025-Q1,,720,8,\n")
    assert figures(firm, "CL-01")["CL-01"].value is None


def test_a_figure_says_where_it_is_from_and_how_far_it_goes(
    firm: Database, start: datetime
) -> None:
    load(firm, start, HEADER + NET_NEW + f"{ADVISOR.no},RS-01,2025-02,70,,,\n")
    found = figures(firm, "RS-01")["RS-01"]
    assert (found.value, found.source, found.as_of) == (Decimal(150), "CORE", date(2025, 2, 28))
    assert (found.status, found.months) == ("provisional", 2)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("E99999,RS-01,2025-01,80,,,", "employee_no", "metrics.unknown_person"),
        ("E00004,XX-99,2025-01,80,,,", "metric_code", "metrics.unknown_code"),
        ("E00004,RS-01,2025-13,80,,,", "period", "metrics.bad_period"),
        ("E00004,RS-01,2025-01,many,,,", "value", "metrics.not_a_number"),
        ("E00004,RS-01,2025-01,,,,", "value", "metrics.value_or_ratio"),
        ("E00004,RS-01,2025-01,80,1,2,", "value", "metrics.value_or_ratio"),
        ("E00004,CP-03,2025-01,0.9,,,", "numerator", "metrics.needs_parts"),
        ("E00004,RS-01,2025-01,,1,2,", "value", "metrics.needs_value"),
        ("E00004,CP-03,2025-01,,1,0,", "denominator", "metrics.denominator_not_positive"),
        ("E00004,CP-03,2025-01,,1,,", "numerator", "metrics.ratio_incomplete"),
        (",RS-01,2025-01,80,,,", "employee_no", "metrics.field_missing"),
    ],
)
def test_a_bad_row_is_listed_and_left_out(
    firm: Database, start: datetime, row: str, field: str, code: str
) -> None:
    batch = load(firm, start, f"{HEADER}{row}\n{MATCH}")
    assert [(error["row"], error["field"], error["code"]) for error in batch.errors or []] == [
        (1, field, code)
    ]
    with firm.reading() as session:
        assert queries.value_count(session) == 1


def test_the_same_value_twice_in_a_file_is_said(firm: Database, start: datetime) -> None:
    batch = load(firm, start, HEADER + NET_NEW + NET_NEW)
    assert [(error["row"], error["code"]) for error in batch.errors or []] == [
        (2, "metrics.row_twice")
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "employee_no,value\nE1,2\n", "metrics.column_missing"),
        ("a.csv", HEADER.replace("reason", "mood") + NET_NEW, "metrics.column_unknown"),
        ("a.json", "{", "metrics.not_json"),
        ("a.json", '{"rows": 1}', "metrics.not_json_list"),
        ("a.csv", HEADER, "metrics.file_empty"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    firm: Database, start: datetime, name: str, content: str, code: str
) -> None:
    with pytest.raises(BadInput) as caught:
        load(firm, start, content, name=name)
    assert caught.value.code == code


def test_json_is_read_exactly(firm: Database, start: datetime) -> None:
    rows = [{"employee_no": ADVISOR.no, "metric_code": "RS-01", "period": "2025-01", "value": 0.1}]
    load(firm, start, json.dumps(rows), name="a.json")
    assert figures(firm, "RS-01")["RS-01"].exact_value == Fraction(1, 10)


def test_only_metric_owners_load(firm: Database, start: datetime) -> None:
    with firm.reading() as session:
        manager = act_as(session, MANAGER)
    with pytest.raises(NotAllowed):
        load(firm, start, HEADER + NET_NEW, actor=manager)


def test_a_correction_keeps_the_old_version(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + MATCH)
    with firm.writing() as session:
        actions.correct_value(
            session, act_as(session, OWNER), start, employee_no=ADVISOR.no, metric_code="CP-03",
            period="2025-01", numerator=Decimal(19), denominator=Decimal(20), reason="漏记一笔",
        )  # fmt: skip
    found = figures(firm, "CP-03")["CP-03"]
    assert (found.value, found.status) == (Decimal("0.95"), "corrected")
    assert found.points[0].version == 2


def test_nobody_corrects_her_own_figures(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(NotAllowed):
        actions.correct_value(
            session, act_as(session, OWNER), start, employee_no=OWNER.no, metric_code="RS-01",
            period="2025-01", value=Decimal(9), reason="更正",
        )  # fmt: skip


def test_a_correction_without_a_reason_is_refused(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.correct_value(
            session, act_as(session, OWNER), start, employee_no=ADVISOR.no, metric_code="RS-01",
            period="2025-01", value=Decimal(9), reason=" ",
        )  # fmt: skip
    assert caught.value.field == "reason"


def test_a_missing_value_is_a_version_too_and_never_zero(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW)
    with firm.writing() as session:
        actions.mark_missing(
            session, act_as(session, OWNER), start, employee_no=ADVISOR.no, metric_code="RS-01",
            period="2025-01", reason="系统停用",
        )  # fmt: skip
    found = figures(firm, "RS-01")["RS-01"]
    assert (found.value, found.status, found.points[0].version) == (None, "missing", 2)


def freeze(firm: Database, now: datetime) -> None:
    with firm.writing() as session:
        actions.freeze(
            session, act_as(session, OWNER), now, "2025-ANNUAL", JANUARY, DECEMBER,
            statement="数据完整",
        )  # fmt: skip


def test_the_freeze_makes_values_final_and_closes_the_loads(
    firm: Database, start: datetime
) -> None:
    load(firm, start, HEADER + NET_NEW)
    freeze(firm, start)
    assert figures(firm, "RS-01")["RS-01"].status == "final"
    batch = load(firm, start, HEADER + MATCH, name="late.csv")
    assert [error["code"] for error in batch.errors or []] == ["metrics.period_frozen"]


def test_after_the_freeze_a_correction_with_a_reason_still_goes(
    firm: Database, start: datetime
) -> None:
    load(firm, start, HEADER + NET_NEW)
    freeze(firm, start)
    with firm.writing() as session:
        row = actions.correct_value(
            session, act_as(session, OWNER), start, employee_no=ADVISOR.no, metric_code="RS-01",
            period="2025-01", value=Decimal(81), reason="复核",
        )  # fmt: skip
        assert row.version == 2


def test_a_cycle_is_frozen_once(firm: Database, start: datetime) -> None:
    freeze(firm, start)
    with pytest.raises(Conflict):
        freeze(firm, start)


def test_gaps_are_what_was_there_the_month_before(firm: Database, start: datetime) -> None:
    other = f"{COLLEAGUE.no},RS-01,2025-01,50,,,\n"
    load(firm, start, HEADER + NET_NEW + other + f"{ADVISOR.no},RS-01,2025-02,70,,,\n")
    with firm.reading() as session:
        found = queries.completeness(session, "2025-02", "2025-01")
    assert (found.people, found.values, found.gaps) == (1, 1, ((COLLEAGUE.no, "RS-01"),))


def test_a_month_is_confirmed_once_by_its_owner(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        owner = act_as(session, OWNER)
        row = actions.confirm_month(session, owner, start, "2025-ANNUAL", "2025-01")
        assert (row.value_count, row.gap_count) == (0, 0)
        with pytest.raises(Conflict):
            actions.confirm_month(session, owner, start, "2025-ANNUAL", "2025-01")
        with pytest.raises(NotAllowed):
            actions.confirm_month(session, act_as(session, HR), start, "2025-ANNUAL", "2025-02")


def test_a_snapshot_is_taken_once_a_month(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW)
    with firm.writing() as session:
        first = actions.snapshot_progress(session, SYSTEM, start, "2025-ANNUAL", "2025-01")
        again = actions.snapshot_progress(session, SYSTEM, start, "2025-ANNUAL", "2025-01")
        assert (first.id, first.people_count) == (again.id, 1)


def test_percentiles_stay_silent_under_eight_people() -> None:
    assert queries.percentiles([Fraction(n) for n in range(7)]) is None
    found = queries.percentiles([Fraction(n) for n in range(101)])
    assert found is not None
    assert (found.count, found.p25, found.p50, found.p90, found.p95) == (101, 25, 50, 90, 95)


def test_last_years_figures_come_from_the_year_before(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW.replace("2025-01", "2024-03"))
    with firm.reading() as session:
        metric = queries.metric_catalogue(session)["RS-01"]
        found = queries.last_year_figures(session, [ADVISOR.no], [metric], JANUARY, DECEMBER)
    assert found[ADVISOR.no]["RS-01"].value == Decimal(80)


def test_values_are_never_rewritten(firm: Database, start: datetime) -> None:
    load(firm, start, HEADER + NET_NEW)
    load(firm, start, HEADER + NET_NEW.replace(",80,", ",90,"), name="c.csv", reason="更正")
    with firm.reading() as session:
        first = session.query(MetricValue).order_by(MetricValue.version).first()
        assert first is not None
        assert first.value_e6 == Decimal(80)
