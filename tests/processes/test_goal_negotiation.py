"""The shipped goal negotiation over HTTP: rounds, mediation, countersign, signatures, clocks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from perfflow.calendar import firm_calendar, local_date
from perfflow.goals import queries as goal_queries
from tests.processes.stages import LAUNCHED
from tests.processes.walk import Walk
from tests.support.cast import (
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.year import YEAR

STAGE = LAUNCHED
KEY = f"{YEAR}/{ADVISOR.no}"
ACCEPTANCE = {
    "understands_why": True,
    "restatement": "我的目标是把老客户留住，再把定投做起来。",
}
MEDIATION = {
    "heard": "双方都同意客户留存最重要，只对净新增的数字有分歧。",
    "proposal": "净新增按去年加百分之四，半年后再看一次。",
}
REASON = "到期资金集中在下半年，目标按全年平均，留有余地。"


def draft(walk: Walk, **values: Any) -> None:
    walk.hand_in(ADVISOR, KEY, "draft-goals", **values)


def shown(walk: Walk, person: Person, element: str, name: str) -> Decimal:
    """A number as the page shows it."""
    _, form = walk.open(person, KEY, element)
    return Decimal((form.value(name) or "").replace(",", ""))


def counter(walk: Walk, person: Person, element: str, factor: str) -> Decimal:
    """Answer with another first target; returns it."""
    target = (shown(walk, person, element, "lines-0-target") * Decimal(factor)).quantize(Decimal(1))
    walk.hand_in(
        person, KEY, element, decision="counter", comment="机会比去年多。",
        lines={0: {"target": target}},
    )  # fmt: skip
    return target


def shift_weight(walk: Walk, person: Person, element: str, points: str, **values: Any) -> None:
    """Move some per cent of weight from the last compliance line to the first result."""
    move = Decimal(points)
    first = shown(walk, person, element, "lines-0-weight")
    compliance = shown(walk, person, element, "lines-9-weight")
    lines = {0: {"weight": first + move}, 9: {"weight": compliance - move}}
    walk.hand_in(person, KEY, element, lines=lines, **values)


def sign_both(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "accept-goals", **ACCEPTANCE)
    walk.hand_in(MANAGER, KEY, "sign-goals", is_agreed=True)


def sheet_status(walk: Walk) -> str:
    with walk.database.reading() as session:
        return goal_queries.sheet(session, YEAR, ADVISOR.no).status


def locked_target(walk: Walk) -> Decimal | None:
    with walk.database.reading() as session:
        return goal_queries.locked_lines(session, YEAR, ADVISOR.no)[0].target_e6


# -- paths ------------------------------------------------------------------------------------
def test_a_proposal_that_is_accepted_at_once_is_signed_by_both_and_locked(walk: Walk) -> None:
    draft(walk)
    assert walk.waiting(KEY) == [("answer-goals", MANAGER.no)]
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    assert walk.waiting(KEY) == [("accept-goals", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "accept-goals", **ACCEPTANCE)
    assert walk.waiting(KEY) == [("sign-goals", MANAGER.no)]
    walk.hand_in(MANAGER, KEY, "sign-goals", is_agreed=True)
    assert (sheet_status(walk), walk.steps(KEY)) == ("locked", [])


def test_a_counter_proposal_that_the_employee_accepts_is_what_gets_locked(walk: Walk) -> None:
    draft(walk)
    target = counter(walk, MANAGER, "answer-goals", "1.05")
    assert walk.waiting(KEY) == [("counter-goals", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "counter-goals", decision="accept")
    sign_both(walk)
    assert locked_target(walk) == target


def test_the_third_answer_that_is_no_agreement_goes_to_the_hr_partner(walk: Walk) -> None:
    draft(walk)
    for number in (1, 2):
        counter(walk, MANAGER, "answer-goals", f"1.0{number}")
        counter(walk, ADVISOR, "counter-goals", f"0.9{number}")
    counter(walk, MANAGER, "answer-goals", "1.03")
    assert walk.waiting(KEY) == [("mediate-goals", "hr-partner/FIRM")]


def test_the_second_line_decides_what_was_mediated(walk: Walk) -> None:
    draft(walk)
    counter(walk, MANAGER, "answer-goals", "1.1")
    walk.hand_in(ADVISOR, KEY, "counter-goals", decision="mediate", comment="到期资金明年才有。")
    walk.hand_in(HR, KEY, "mediate-goals", **MEDIATION)
    assert walk.waiting(KEY) == [("decide-goals", HEAD.no)]
    walk.hand_in(
        HEAD, KEY, "decide-goals", reason=REASON, dissent="员工认为仍偏高。",
        lines={0: {"target": 1234}},
    )  # fmt: skip
    assert walk.steps(KEY) == ["accept-goals"]
    sign_both(walk)
    assert locked_target(walk) == Decimal(1234)
    with walk.database.reading() as session:
        sheet = goal_queries.sheet(session, YEAR, ADVISOR.no)
        last = goal_queries.versions(session, sheet.id)[-1]
        assert (last.author_side, last.comment) == ("second_line", REASON)
        assert (last.extra or {})["dissent"] == "员工认为仍偏高。"


def test_asking_for_mediation_needs_a_word(walk: Walk) -> None:
    draft(walk)
    counter(walk, MANAGER, "answer-goals", "1.1")
    said = walk.refusal(ADVISOR, KEY, "counter-goals", decision="mediate", comment=None)
    assert "Say what you cannot agree on" in said
    assert walk.steps(KEY) == ["counter-goals"]


def test_less_weight_on_compliance_is_countersigned_before_anybody_signs(walk: Walk) -> None:
    shift_weight(walk, ADVISOR, "draft-goals", "2")
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    assert walk.waiting(KEY) == [("countersign-goals", "compliance-officer")]
    walk.hand_in(COMPLIANCE, KEY, "countersign-goals", decision="approve")
    assert walk.steps(KEY) == ["accept-goals"]
    sign_both(walk)
    assert sheet_status(walk) == "locked"


def test_compliance_returns_the_goals_to_the_manager_with_a_reason(walk: Walk) -> None:
    shift_weight(walk, ADVISOR, "draft-goals", "2")
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    assert "Say why" in walk.refusal(COMPLIANCE, KEY, "countersign-goals", decision="return")
    walk.hand_in(
        COMPLIANCE, KEY, "countersign-goals", decision="return", comment="合规权重不宜再降。"
    )
    assert walk.waiting(KEY) == [("answer-goals", MANAGER.no)]
    shift_weight(walk, MANAGER, "answer-goals", "-2", decision="counter", comment="恢复合规权重。")
    walk.hand_in(ADVISOR, KEY, "counter-goals", decision="accept")
    assert walk.steps(KEY) == ["accept-goals"]


# -- rules ------------------------------------------------------------------------------------
def test_weights_that_miss_the_whole_are_refused_and_nothing_is_stored(walk: Walk) -> None:
    said = walk.refusal(ADVISOR, KEY, "draft-goals", lines={0: {"weight": "5"}})
    assert "100% but got 90%" in said
    assert (walk.steps(KEY), sheet_status(walk)) == (["draft-goals"], "draft")


def test_compliance_cannot_be_bargained_below_its_floor(walk: Walk) -> None:
    _, form = walk.open(ADVISOR, KEY, "draft-goals")
    lines = {0: {"weight": Decimal("15") + Decimal("8")}, 9: {"weight": 0}}
    said = walk.refusal(ADVISOR, KEY, "draft-goals", lines=lines)
    assert "compliance & risk" in said
    assert form.value("lines-9-weight") is not None


def test_accepting_with_changes_and_countering_without_are_clear_errors(walk: Walk) -> None:
    draft(walk)
    changed = {0: {"target": 9999}}
    said = walk.refusal(MANAGER, KEY, "answer-goals", decision="accept", lines=changed)
    assert "You accept but changed" in said
    assert "changed nothing" in walk.refusal(MANAGER, KEY, "answer-goals", decision="counter")
    assert walk.steps(KEY) == ["answer-goals"]


def test_goals_are_not_accepted_without_knowing_why(walk: Walk) -> None:
    draft(walk)
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    kept = {**ACCEPTANCE, "understands_why": False}
    assert walk.refusal(ADVISOR, KEY, "accept-goals", **kept)
    assert walk.refusal(ADVISOR, KEY, "accept-goals", **{**ACCEPTANCE, "restatement": "好"})
    assert walk.steps(KEY) == ["accept-goals"]


def test_a_read_only_title_is_the_catalogues_whatever_a_page_sends(walk: Walk) -> None:
    address, form = walk.open(ADVISOR, KEY, "draft-goals")
    before = form.value("lines-0-weight")
    form.sent["f-lines-0-title"] = "随便写的标题"
    form.sent["f-lines-0-metric_code"] = "XX-99"
    assert walk.visit(ADVISOR).post(address, data=form.sent).status_code == 303
    with walk.database.reading() as session:
        line = goal_queries.lines(session, goal_queries.sheet(session, YEAR, ADVISOR.no))[0]
    assert (line.metric_code, before) == ("RS-01", "15")
    assert line.title != "随便写的标题"


# -- clocks -----------------------------------------------------------------------------------
def test_a_turn_that_nobody_takes_within_three_working_days_goes_to_mediation(walk: Walk) -> None:
    draft(walk)
    due = walk.next_timer(KEY)
    assert due is not None
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    today = local_date(walk.clock.now())
    assert local_date(due) == calendar.add_working_days(today, 3)
    walk.advance_to(due - timedelta(minutes=1))
    assert walk.steps(KEY) == ["answer-goals"]
    walk.advance_to(due)
    assert walk.waiting(KEY) == [("mediate-goals", "hr-partner/FIRM")]


def test_an_employee_who_does_not_answer_is_mediated_too(walk: Walk) -> None:
    draft(walk)
    counter(walk, MANAGER, "answer-goals", "1.05")
    due = walk.next_timer(KEY)
    assert due is not None
    walk.advance_to(due)
    assert walk.steps(KEY) == ["mediate-goals"]
    walk.hand_in(HR, KEY, "mediate-goals", **MEDIATION)
    walk.hand_in(HEAD, KEY, "decide-goals", reason=REASON)
    sign_both(walk)
    assert sheet_status(walk) == "locked"


def test_an_answer_in_time_takes_the_clock_of_the_turn_away(walk: Walk) -> None:
    draft(walk)
    due = walk.next_timer(KEY)
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    assert due is not None
    assert walk.next_timer(KEY) != due
    walk.advance_to(due + timedelta(days=1))
    assert walk.steps(KEY) == ["accept-goals"]


# -- people -----------------------------------------------------------------------------------
def test_only_the_employee_drafts(walk: Walk) -> None:
    assert walk.waiting(KEY) == [("draft-goals", ADVISOR.no)]
    for stranger in (COLLEAGUE, OUTSIDER, OTHER_MANAGER, BRANCH_HR):
        assert walk.turned_away(stranger, KEY, "draft-goals") == (404, 404)
    for reader in (HR, AUDITOR):
        assert walk.turned_away(reader, KEY, "draft-goals") == (200, 403)


def test_the_other_side_does_not_answer_for_the_manager(walk: Walk) -> None:
    draft(walk)
    for stranger in (ADVISOR, COLLEAGUE, OTHER_MANAGER):
        assert walk.turned_away(stranger, KEY, "answer-goals") == (404, 404)
    assert walk.turned_away(HR, KEY, "answer-goals") == (200, 403)


def test_only_hr_of_the_unit_mediates_and_only_the_second_line_decides(walk: Walk) -> None:
    draft(walk)
    due = walk.next_timer(KEY)
    assert due is not None
    walk.advance_to(due)
    for stranger in (ADVISOR, MANAGER, HEAD, BRANCH_HR):
        assert walk.turned_away(stranger, KEY, "mediate-goals") == (404, 404)
    walk.hand_in(HR, KEY, "mediate-goals", **MEDIATION)
    for stranger in (ADVISOR, MANAGER, OTHER_MANAGER):
        assert walk.turned_away(stranger, KEY, "decide-goals") == (404, 404)
    assert walk.turned_away(HR, KEY, "decide-goals") == (200, 403)


def test_neither_side_countersigns(walk: Walk) -> None:
    shift_weight(walk, ADVISOR, "draft-goals", "2")
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    for stranger in (ADVISOR, MANAGER, OUTSIDER):
        assert walk.turned_away(stranger, KEY, "countersign-goals") == (404, 404)


def test_each_side_gives_its_own_signature(walk: Walk) -> None:
    draft(walk)
    walk.hand_in(MANAGER, KEY, "answer-goals", decision="accept")
    assert walk.turned_away(MANAGER, KEY, "accept-goals") == (404, 404)
    walk.hand_in(ADVISOR, KEY, "accept-goals", **ACCEPTANCE)
    assert walk.turned_away(ADVISOR, KEY, "sign-goals") == (404, 404)


# -- two windows ------------------------------------------------------------------------------
def test_a_second_submit_from_an_old_window_says_so_and_changes_nothing(walk: Walk) -> None:
    address, form = walk.open(ADVISOR, KEY, "draft-goals")
    browser = walk.visit(ADVISOR)
    assert browser.post(address, data=form.sent).status_code == 303
    form.fill({"lines": {0: {"target": 7777}}})
    again = browser.post(address, data=form.sent)
    assert again.status_code == 409
    assert "7,777" in again.text or "7777" in again.text  # what was typed can be taken along
    assert walk.steps(KEY) == ["answer-goals"]
    assert shown(walk, MANAGER, "answer-goals", "lines-0-target") != 7777


def test_a_page_of_a_task_that_moved_on_is_refused(walk: Walk) -> None:
    address, form = walk.open(ADVISOR, KEY, "draft-goals")
    form.sent["revision"] = str(int(form.revision) + 1)
    assert walk.visit(ADVISOR).post(address, data=form.sent).status_code == 409
    assert walk.steps(KEY) == ["draft-goals"]
