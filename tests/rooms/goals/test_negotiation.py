"""Goals are negotiated: each side speaks in turn, nothing is accepted by silence, both sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from perfflow.calendar import end_of_day
from perfflow.goals import actions, queries
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.workflow import actions as workflow_actions
from tests.support.cast import (
    act_as,
    ADVISOR,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.playing import CYCLE, Play

SIGNED = {"understands_why": True, "restatement": "让客户的钱长期留下来，不冲量。"}
Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def drafting(play: Play) -> Play:
    """The cycle has started and everybody's draft is open."""
    play.launch()
    return play


def changed(
    play: Play, element: str, person: Person, change: Change | None = None, **more: Any
) -> dict[str, Any]:
    """The start values of a step with some goals changed."""
    values = play.start_of(element, person)
    if change is not None:
        change(values["lines"])
    return {**values, **more}


def raise_target(lines: list[dict[str, Any]]) -> None:
    lines[0]["target"] = Decimal(1200)


def move_weight(lines: list[dict[str, Any]]) -> None:
    lines[0]["weight"], lines[1]["weight"] = Decimal(13), Decimal(9)


def less_compliance(lines: list[dict[str, Any]]) -> None:
    by_code = {line["metric_code"]: line for line in lines}
    by_code["CP-01"]["weight"], by_code["RS-01"]["weight"] = Decimal(6), Decimal(17)


def propose(play: Play, change: Change | None = None) -> None:
    play.complete("draft-goals", ADVISOR, changed(play, "draft-goals", ADVISOR, change))


def answer(play: Play, decision: str, change: Change | None = None, **more: Any) -> None:
    values = changed(play, "answer-goals", MANAGER, change, decision=decision, **more)
    play.complete("answer-goals", MANAGER, values)


def counter(play: Play, decision: str, change: Change | None = None, **more: Any) -> None:
    values = changed(play, "counter-goals", ADVISOR, change, decision=decision, **more)
    play.complete("counter-goals", ADVISOR, values)


def state(play: Play) -> tuple[str, int, int]:
    """Status, round and version of the advisor's sheet."""
    with play.database.reading() as session:
        found = queries.sheet(session, CYCLE, ADVISOR.no)
        return found.status, found.round, found.current_version


def test_a_sheet_opens_with_the_card_and_suggested_targets(drafting: Play) -> None:
    with drafting.database.reading() as session:
        sheet = queries.sheet(session, CYCLE, ADVISOR.no)
        lines = queries.lines(session, sheet)
    assert sum(line.weight_bp for line in lines) == 10_000
    assert (lines[0].metric_code, lines[0].target) == ("RS-01", Decimal(1000))
    assert state(drafting) == ("draft", 0, 0)


def test_an_agreed_sheet_is_signed_by_both_and_locked(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "accept")
    drafting.complete("accept-goals", ADVISOR, SIGNED)
    drafting.complete("sign-goals", MANAGER, {"is_agreed": True})
    with drafting.database.reading() as session:
        sheet = queries.sheet(session, CYCLE, ADVISOR.no)
        assert (sheet.status, sheet.locked_version) == ("locked", 1)
        version = queries.version(session, sheet)
        signatures = queries.acceptances(session, version.id)
        assert set(signatures) == {"employee", "manager"}
        assert signatures["employee"].content_hash == version.content_hash
        assert len(queries.locked_lines(session, CYCLE, ADVISOR.no)) == 12


def test_the_talk_keeps_who_changed_what(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "counter", raise_target, comment="支行要增长")
    with drafting.database.reading() as session:
        talk = queries.rounds(session, queries.sheet(session, CYCLE, ADVISOR.no))
        last = talk[-1]
        assert (last.version.author_no, last.version.author_side) == (MANAGER.no, "manager")
        assert last.version.comment == "支行要增长"
        assert [(one.metric_code, one.old, one.new) for one in last.changes] == [
            ("RS-01", Decimal(1000), Decimal(1200))
        ]


def test_earlier_versions_are_never_rewritten(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "counter", move_weight)
    with drafting.database.reading() as session:
        sheet = queries.sheet(session, CYCLE, ADVISOR.no)
        weights = [queries.lines(session, sheet, number)[0].weight_bp for number in (0, 1, 2)]
    assert weights == [1500, 1500, 1300]


def test_accepting_with_changes_is_a_clear_error(drafting: Play) -> None:
    propose(drafting)
    with pytest.raises(RuleViolation) as caught:
        answer(drafting, "accept", raise_target)
    assert (caught.value.code, caught.value.field) == ("goals.accept_with_changes", "decision")
    assert state(drafting) == ("proposed", 0, 1)


def test_countering_without_a_change_is_a_clear_error(drafting: Play) -> None:
    propose(drafting)
    with pytest.raises(RuleViolation) as caught:
        answer(drafting, "counter")
    assert caught.value.code == "goals.counter_without_changes"


def test_weights_that_do_not_add_up_stop_the_draft_and_change_nothing(drafting: Play) -> None:
    def lose_ten(lines: list[dict[str, Any]]) -> None:
        lines[0]["weight"] = Decimal(5)

    with pytest.raises(RuleViolation) as caught:
        propose(drafting, lose_ten)
    assert (caught.value.code, caught.value.field) == ("goals.weights_sum", "lines")
    assert caught.value.params["got"] == Decimal(90)
    assert state(drafting) == ("draft", 0, 0)
    assert drafting.is_open("draft-goals", ADVISOR)


def test_a_date_outside_the_cycle_fails_at_its_row(drafting: Play) -> None:
    def too_late(lines: list[dict[str, Any]]) -> None:
        lines[2]["action"], lines[2]["action_due_on"] = "每月拜访", date(2026, 2, 1)

    with pytest.raises(RuleViolation) as caught:
        propose(drafting, too_late)
    assert caught.value.field == "lines.2.action_due_on"


def test_three_rounds_lead_to_mediation_and_the_second_line_decides(drafting: Play) -> None:
    propose(drafting)
    for number in (1, 2, 3):
        target = Decimal(1200 + 10 * number)

        def ask(lines: list[dict[str, Any]], target: Decimal = target) -> None:
            lines[0]["target"] = target

        answer(drafting, "counter", ask)
        if number < 3:
            counter(drafting, "counter", lambda lines: lines[0].update(target=Decimal(1050)))
    assert not drafting.is_open("counter-goals", ADVISOR)
    drafting.complete(
        "mediate-goals", HR,
        {"heard": "双方都说明了资金到期的时间。", "proposal": "建议按 1,130 万元，年中再看。"},
    )  # fmt: skip
    values = changed(
        drafting, "decide-goals", HEAD, lambda lines: lines[0].update(target=Decimal(1130)),
        reason="其中一家客户的资金要到明年一月才到期，按 1,130 万元更合理。",
        dissent="员工希望 1,050。",
    )  # fmt: skip
    drafting.complete("decide-goals", HEAD, values)
    with drafting.database.reading() as session:
        sheet = queries.sheet(session, CYCLE, ADVISOR.no)
        version = queries.version(session, sheet)
        assert sheet.status == "agreed"
        assert (version.author_no, version.action) == (HEAD.no, "decide")
        assert version.extra == {"dissent": "员工希望 1,050。"}
        assert sheet.extra["mediation"]["by"] == HR.no
        assert queries.lines(session, sheet)[0].target == Decimal(1130)


def test_the_employee_may_ask_for_mediation_with_a_reason(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "counter", raise_target)
    with pytest.raises(RuleViolation) as caught:
        counter(drafting, "mediate")
    assert caught.value.code == "goals.mediation_reason"
    counter(drafting, "mediate", comment="资金一月才到期")
    assert state(drafting)[0] == "mediation"
    assert drafting.is_open("mediate-goals")


def test_silence_never_counts_as_a_yes(drafting: Play) -> None:
    propose(drafting)
    drafting.now = end_of_day(date(2025, 2, 20))
    with drafting.database.writing() as session:
        for timer in workflow_actions.due_timers(session, drafting.now, 50):
            workflow_actions.fire_timer(session, drafting.now, timer)
    assert state(drafting)[0] == "proposed"
    assert drafting.is_open("mediate-goals")
    assert not drafting.is_open("answer-goals", MANAGER)


def test_compliance_countersigns_when_its_goals_were_changed(drafting: Play) -> None:
    propose(drafting, less_compliance)
    answer(drafting, "accept")
    assert drafting.is_open("countersign-goals")
    drafting.complete("countersign-goals", COMPLIANCE, {"decision": "approve"})
    assert state(drafting)[0] == "countersigned"
    assert drafting.is_open("accept-goals", ADVISOR)


def test_compliance_returns_goals_with_a_reason(drafting: Play) -> None:
    propose(drafting, less_compliance)
    answer(drafting, "accept")
    with pytest.raises(RuleViolations):
        drafting.complete("countersign-goals", COMPLIANCE, {"decision": "return"})
    drafting.complete(
        "countersign-goals", COMPLIANCE, {"decision": "return", "comment": "投诉率权重请恢复"}
    )
    assert state(drafting)[0] == "proposed"
    assert drafting.is_open("answer-goals", MANAGER)


def test_signing_needs_the_tick_and_own_words(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "accept")
    with pytest.raises(RuleViolations):
        drafting.complete("accept-goals", ADVISOR, {**SIGNED, "understands_why": False})
    with drafting.database.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.accept_goals(
            session, act_as(session, ADVISOR), drafting.now, CYCLE, ADVISOR.no,
            understands_why=True, restatement="好",
        )  # fmt: skip
    assert caught.value.code == "goals.restatement_short"


def test_nobody_speaks_for_the_other_side(drafting: Play) -> None:
    with drafting.database.writing() as session:
        advisor, manager = act_as(session, ADVISOR), act_as(session, MANAGER)
        lines = queries.lines(session, queries.sheet(session, CYCLE, ADVISOR.no))
        with pytest.raises(NotAllowed):
            actions.propose_goals(session, manager, drafting.now, CYCLE, ADVISOR.no, lines)
        actions.propose_goals(session, advisor, drafting.now, CYCLE, ADVISOR.no, lines)
        with pytest.raises(NotAllowed):
            actions.answer_goals(session, advisor, drafting.now, CYCLE, ADVISOR.no, "accept", lines)
        actions.answer_goals(session, manager, drafting.now, CYCLE, ADVISOR.no, "accept", lines)
        with pytest.raises(NotAllowed):
            actions.accept_goals(session, manager, drafting.now, CYCLE, ADVISOR.no, **SIGNED)


def test_a_step_out_of_turn_is_a_conflict(drafting: Play) -> None:
    with drafting.database.writing() as session:
        lines = queries.lines(session, queries.sheet(session, CYCLE, ADVISOR.no))
        manager = act_as(session, MANAGER)
        with pytest.raises(Conflict):
            actions.answer_goals(session, manager, drafting.now, CYCLE, ADVISOR.no, "accept", lines)


def test_a_stranger_finds_no_task(drafting: Play) -> None:
    task = drafting.open_task("draft-goals", ADVISOR)
    with drafting.database.writing() as session, pytest.raises(NotFound):
        workflow_actions.complete_task(
            session, act_as(session, OUTSIDER), drafting.now, task.id, task.revision, {}
        )


def test_nothing_is_locked_without_both_signatures(drafting: Play) -> None:
    propose(drafting)
    answer(drafting, "accept")
    with drafting.database.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.lock_goal_sheet(session, act_as(session, MANAGER), drafting.now, CYCLE, ADVISOR.no)
    assert caught.value.code == "goals.signature_missing"


def test_an_english_reader_changes_nothing_by_sending_what_she_sees(drafting: Play) -> None:
    values = drafting.start_of("draft-goals", ADVISOR, "en")
    assert values["lines"][0]["title"] == "Net new AUM"
    assert values["lines"][0]["why"].startswith("New money")
    sent = {**drafting.start_of("draft-goals", ADVISOR), "comment": ""}
    for row, english in zip(sent["lines"], values["lines"], strict=True):
        row["why"] = english["why"]
    drafting.complete("draft-goals", ADVISOR, sent)
    with drafting.database.reading() as session:
        talk = queries.rounds(session, queries.sheet(session, CYCLE, ADVISOR.no))
    assert talk[-1].changes == ()


def test_the_mid_year_review_is_kept_once_with_its_wish(drafting: Play) -> None:
    with drafting.database.writing() as session:
        manager = act_as(session, MANAGER)
        with pytest.raises(RuleViolation):
            actions.record_mid_year_review(
                session, manager, drafting.now, CYCLE, ADVISOR.no, verdict="revise", summary="要改"
            )
        actions.record_mid_year_review(
            session, manager, drafting.now, CYCLE, ADVISOR.no, verdict="revise",
            summary="市场变化大", reason_class="market", proposal="净新增改为 1,050 万元",
        )  # fmt: skip
        with pytest.raises(Conflict):
            actions.record_mid_year_review(
                session, manager, drafting.now, CYCLE, ADVISOR.no, verdict="keep", summary="不变"
            )
