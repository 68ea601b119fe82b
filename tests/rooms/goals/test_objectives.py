"""Objectives, their cascade through the units, the tree, and what stands beside a goal."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from perfflow.db import Database
from perfflow.forms import FormContext
from perfflow.goals import actions, queries
from perfflow.goals.actions.objectives import ObjectiveInput, UnitGoalInput
from perfflow.goals.bindings.objectives import ObjectivesBinding
from perfflow.goals.evidence import sheet_evidence
from perfflow.goals.presentation import sheet_view
from perfflow.goals.tree import tree_of
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.metrics import actions as metric_actions
from perfflow.metrics import queries as metric_queries
from tests.support.cast import act_as, ADVISOR, CHIEF, HEAD, hire, HR, MANAGER, Person
from tests.support.playing import CYCLE, Play

WHY = "客户资产的长期增长来自信任和陪伴。"
GROWTH = ObjectiveInput("O1", "净新增达到目标", "Net new AUM", "RS-01", Decimal(9600), WHY)


@pytest.fixture
def planned(play: Play) -> Play:
    """A cycle without objectives yet."""
    play.create_cycle()
    return play


def test_only_executives_publish_objectives(planned: Play) -> None:
    with planned.database.writing() as session:
        with pytest.raises(NotAllowed):
            actions.publish_objectives(session, act_as(session, HR), planned.now, CYCLE, [GROWTH])
        rows = actions.publish_objectives(
            session, act_as(session, CHIEF), planned.now, CYCLE, [GROWTH]
        )
        assert [(row.code, row.status, row.owner_no) for row in rows] == [("O1", "live", CHIEF.no)]
        with pytest.raises(Conflict):
            actions.publish_objectives(session, SYSTEM, planned.now, CYCLE, [GROWTH])


@pytest.mark.parametrize(
    ("rows", "code", "field"),
    [
        ([], "goals.no_objectives", "objectives"),
        ([GROWTH, GROWTH], "goals.code_twice", "objectives.1.code"),
        (
            [ObjectiveInput("O2", "目标", "Goal", "XX-99", None, WHY)],
            "goals.unknown_metric",
            "objectives.0.metric_code",
        ),
        (
            [ObjectiveInput("O2", "目标", "Goal", "RS-01", None, "因为")],
            "goals.why_short",
            "objectives.0.why",
        ),
    ],
)
def test_a_broken_objective_is_named_at_its_place(
    planned: Play, rows: list[ObjectiveInput], code: str, field: str
) -> None:
    with planned.database.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.publish_objectives(session, SYSTEM, planned.now, CYCLE, rows)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_the_form_starts_with_the_three_strategy_templates(planned: Play) -> None:
    with planned.database.reading() as session:
        context = FormContext(
            session, act_as(session, CHIEF), planned.now, "strategy-objectives",
            variables={"cycle": CYCLE},
        )  # fmt: skip
        rows = ObjectivesBinding().load(context)["objectives"]
    assert {row["metric_code"] for row in rows} == {"RS-01", "RS-02", "CL-01", "CL-02", "RS-07"}
    assert next(row["target"] for row in rows if row["metric_code"] == "RS-02") == Decimal(8)


def cascade(play: Play, unit: str, target: int) -> None:
    with play.database.writing() as session:
        actions.cascade_unit_goals(
            session, act_as(session, HEAD), play.now, CYCLE, unit,
            [UnitGoalInput("O1", "RS-01", Decimal(target), WHY)],
        )  # fmt: skip


def publish(play: Play) -> None:
    with play.database.writing() as session:
        actions.publish_objectives(session, SYSTEM, play.now, CYCLE, [GROWTH])


def test_unit_goals_hang_below_the_nearest_unit_in_whatever_order(planned: Play) -> None:
    publish(planned)
    cascade(planned, "T01", 4000)
    cascade(planned, "B01", 5000)
    cascade(planned, "FIRM", 9600)
    with planned.database.reading() as session:
        rows = {row.unit_code: row for row in queries.unit_goals(session, CYCLE)}
        assert rows["T01"].parent_id == rows["B01"].id
        assert rows["B01"].parent_id == rows["FIRM"].id
        assert rows["FIRM"].parent_id is None


def test_a_unit_cascades_once_and_only_to_known_objectives(planned: Play) -> None:
    publish(planned)
    cascade(planned, "B01", 5000)
    with pytest.raises(Conflict):
        cascade(planned, "B01", 5000)
    with planned.database.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.cascade_unit_goals(
            session, SYSTEM, planned.now, CYCLE, "B02",
            [UnitGoalInput("O9", "RS-01", Decimal(1), WHY)],
        )  # fmt: skip
    assert caught.value.field == "goals.0.objective_code"


def test_the_tree_shows_how_far_goals_cover_their_parents(planned: Play) -> None:
    publish(planned)
    cascade(planned, "B01", 5000)
    cascade(planned, "B02", 3000)
    with planned.database.reading() as session:
        metrics = metric_queries.metric_catalogue(session)
        tree = tree_of(session, CYCLE, metrics)
        [node] = tree.objectives
        assert node.coverage == Decimal("0.833333")
        assert [child.unit.code for child in node.children] == ["B01", "B02"]
        assert (tree.alignment, tree.orphans) == (None, 0)


def test_personal_goals_count_in_the_tree(play: Play) -> None:
    play.launch()
    with play.database.reading() as session:
        tree = tree_of(session, CYCLE, metric_queries.metric_catalogue(session))
        by_metric = {node.objective.metric_code: node for node in tree.objectives}
        [branch] = by_metric["RS-01"].children
        # The two advisors of the branch carry it with 1,000 each; the outsider does not.
        assert (branch.people, branch.coverage) == (2, Decimal("0.208333"))
        assert branch.is_off
        assert tree.orphans > 0


def last_year(firm: Database, now: datetime, people: int) -> None:
    """Eight more advisors in another team, and last year's figures for everybody."""
    rows = [f"{ADVISOR.no},RS-01,2024-06,968,,,"]
    with firm.writing() as session:
        for number in range(people):
            no = f"E002{number:02d}"
            hire(session, Person(no, f"同事{number}", f"Peer {number}", "FA", "T01", MANAGER.no))
            rows.append(f"{no},RS-01,2024-06,{900 + 20 * number},,,")
        metric_actions.load_batch(
            session, SYSTEM, now, source="CORE", file_name="2024.csv",
            content=(
                "employee_no,metric_code,period,value,numerator,denominator,reason\n"
                + "\n".join(rows)
            ).encode(),
        )  # fmt: skip


def test_a_target_is_suggested_from_last_year_extended_to_the_whole(play: Play) -> None:
    last_year(play.database, play.now, 0)
    play.launch()
    with play.database.reading() as session:
        line = queries.lines(session, queries.sheet(session, CYCLE, ADVISOR.no))[0]
    # One month of 968 stands for a year of 11,616; eight per cent more, to the nearest ten.
    assert (line.baseline, line.target) == (Decimal(11616), Decimal(12550))


def test_peers_appear_from_eight_people_on(play: Play) -> None:
    last_year(play.database, play.now, 7)
    play.launch()
    with play.database.reading() as session:
        view = sheet_view(session, CYCLE, ADVISOR.no, "zh")
        shown = view.line("RS-01")
        assert shown is not None
        assert shown.peer_count == 8
        [panel, *_] = sheet_evidence(session, CYCLE, ADVISOR.no)
    labels = [row.label.en for row in panel.lines()]
    assert labels == ["Actual of 2024", "Peers P50 – P90", "Peers P95", "Current proposal"]


def test_seven_peers_are_never_shown(play: Play) -> None:
    last_year(play.database, play.now, 6)
    play.launch()
    with play.database.reading() as session:
        shown = sheet_view(session, CYCLE, ADVISOR.no, "zh").line("RS-01")
        assert shown is not None
        assert (shown.peers, shown.peer_count) == (None, 0)


def test_a_sheet_reads_in_the_readers_language(play: Play) -> None:
    play.launch()
    with play.database.reading() as session:
        chinese = sheet_view(session, CYCLE, ADVISOR.no, "zh").line("RS-01")
        english = sheet_view(session, CYCLE, ADVISOR.no, "en").line("RS-01")
    assert chinese is not None
    assert english is not None
    assert (chinese.target, english.target) == ("1,000 万元", "¥10.0m")
    assert english.why.startswith("New money")


def test_objectives_of_another_cycle_stay_there(planned: Play) -> None:
    publish(planned)
    planned.create_cycle(code="2026-ANNUAL", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    with planned.database.reading() as session:
        assert queries.objectives(session, "2026-ANNUAL") == []
