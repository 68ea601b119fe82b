"""How simulated people decide: negotiate, rate, disagree, appeal; by form key."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from perfflow.interviews.queries import scores_of
from perfflow.reviews.queries import latest_result
from perfflow.simulation.answers import choice, Question, Values
from perfflow.simulation.texts import sentence

COUNTED = frozenset({"RS-01", "RS-03", "RS-04", "CL-06"})
"""Metrics whose target people haggle about; others are percentages with a natural end."""
WEAK = Decimal(80)


def _lines_with_codes(question: Question, values: Values) -> list[tuple[str, dict[str, Any]]]:
    codes = [str(row.get("metric_code")) for row in question.start.get("lines") or []]
    return list(zip(codes, values["lines"], strict=True))


def _haggle(question: Question, values: Values, factor: Decimal) -> bool:
    """Change one target by ``factor``, or move one percent of weight; True when changed."""
    stream = question.persona.stream
    lines = _lines_with_codes(question, values)
    counted = [row for code, row in lines if code in COUNTED and row.get("target")]
    if counted:
        row = counted[stream.index(len(counted))]
        row["target"] = (Decimal(row["target"]) * factor).quantize(Decimal("0.01"))
        row["why"] = sentence(stream, "why", 20)
        return True
    rows = [row for _, row in lines]
    heavy = max(rows, key=lambda row: Decimal(row["weight"]))
    light = min(rows, key=lambda row: Decimal(row["weight"]))
    if Decimal(heavy["weight"]) - Decimal(light["weight"]) < 2:
        return False
    heavy["weight"] = Decimal(heavy["weight"]) - 1
    light["weight"] = Decimal(light["weight"]) + 1
    return True


@choice("goal-sheet")
def draft(question: Question, values: Values) -> None:
    """Most draft what the template suggests with an action or two; some ask for less."""
    stream = question.persona.stream
    if stream.chance(0.3):
        _haggle(question, values, Decimal("0.96"))
    for row in values.get("lines", [])[:2]:
        row["action"] = "每周回访三位重点客户，月底复盘一次。"
        row["action_due_on"] = question.today + timedelta(days=90)


@choice("goal-answer")
def answer_goals(question: Question, values: Values) -> None:
    """A manager accepts, or asks for a little more."""
    accepts = question.persona.stream.chance(0.35 + 0.4 * question.persona.agreeable)
    values["decision"] = "accept"
    if not accepts and _haggle(question, values, Decimal("1.04")):
        values["decision"] = "counter"
        values["comment"] = "机会比去年多，希望再往前一步。"


@choice("goal-counter")
def counter_goals(question: Question, values: Values) -> None:
    """An employee accepts, answers with less, or now and then asks for mediation."""
    stream = question.persona.stream
    values["decision"] = "accept"
    if stream.chance(0.05):
        values["decision"] = "mediate"
        values["comment"] = "双方对市场的判断差得太远，希望请人调解。"
        return
    accepts = stream.chance(0.4 + 0.4 * question.persona.agreeable)
    if not accepts and _haggle(question, values, Decimal("0.98")):
        values["decision"] = "counter"
        values["comment"] = "其中一家的资金要到明年才到期。"


@choice("goal-countersign")
def countersign(question: Question, values: Values) -> None:
    """Compliance approves nearly always."""
    values["decision"] = "approve"
    if question.persona.stream.chance(0.02):
        values["decision"] = "return"
        values["comment"] = "合规风控权重下调的理由不充分，请补充。"


@choice("calibration-session")
def sum_up(question: Question, values: Values) -> None:
    """A member says where a difference to the guide comes from."""
    values["deviation_reason"] = "若有等级偏离建议分布，均来自逐人核对后的实际结果。"


@choice("mid-year-review")
def mid_year(question: Question, values: Values) -> None:
    values["verdict"] = "keep"


@choice("check-in")
def conduct(question: Question, values: Values) -> None:
    """A talk with a pace and, more often than not, a commitment."""
    stream = question.persona.stream
    values["pace"] = stream.pick(("on_track", "on_track", "at_risk", "off_track"))
    values["commitments"] = [_action(question)] if stream.chance(0.6) else []


def _action(question: Question) -> dict[str, Any]:
    stream = question.persona.stream
    return {
        "text": stream.pick(("参加产品知识培训", "每月陪访一次", "整理客户规划书模板")),
        "action_type": stream.pick(("training", "joint_visit", "process_improvement")),
        "measure": "两个月内完成并在组内分享一次。",
        "owner": stream.pick(("employee", "employee", "manager")),
        "due_on": question.today + timedelta(days=60),
    }


@choice("check-in-signature")
def sign_check_in(question: Question, values: Values) -> None:
    values["agreed"] = "agree"
    if question.persona.stream.chance(0.1):
        values["agreed"] = "agree_with_note"
        values["note"] = "补充：到期资金的名单还需要核对。"


@choice("data-check")
def check_data(question: Question, values: Values) -> None:
    values["outcome"] = "confirmed"
    if question.persona.stream.chance(0.03):
        values["outcome"] = "disputed"
        values["note"] = "十月的拜访记录少了三条，请核对。"


@choice("self-assessment")
def assess_oneself(question: Question, values: Values) -> None:
    """Everybody rates the manual lines of the own card a little kindly."""
    rows = zip(question.start.get("lines") or [], values.get("lines") or [], strict=False)
    for started, row in rows:
        if started.get("is_manual"):
            row["self_rating"] = question.persona.stream.pick(("5", "4", "4", "3"))


@choice("manager-review")
def rate(question: Question, values: Values) -> None:
    """Ratings around the person's own level; the manager's leniency is in her stream."""
    for row in values.get("ratings", []):
        row["rating"] = question.persona.stream.pick(("5", "4", "4", "4", "3", "3", "2"))


@choice("interview")
def hold_interview(question: Question, values: Values) -> None:
    """Credit with evidence, a cause for each weak dimension, one action."""
    stream, context = question.persona.stream, question.context
    assert context.session is not None
    values["achievements"] = [
        {
            "fact": "重点客户的资产配置方案全部落地。",
            "evidence": "客户系统里的方案记录和回访录音。",
            "evidence_on": question.today - timedelta(days=60),
            "effect": "客户留存高于支行平均。",
        }
    ]
    scores = scores_of(context.session, context.variables["cycle"], question.about or "")
    values["gaps"] = [
        {
            "dimension": dimension,
            "cause": stream.pick(("communication_skill", "product_knowledge", "time_allocation")),
            "text": "和客户沟通的频率不够，复盘也不及时。",
        }
        for dimension, score in sorted(scores.items())
        if score < WEAK
    ]
    values["actions"] = [_action(question)]
    # Managers write about the person: the same words for everybody would be a formality.
    values["summary"] = f"与 {question.about} 的面谈：" + sentence(stream, "comment", 20)


@choice("interview-signature")
def sign_interview(question: Question, values: Values) -> None:
    stream = question.persona.stream
    values["outcome"] = "agree"
    if stream.chance(0.12):
        values["outcome"] = stream.pick(("agree_with_note", "disagree"))
        values["employee_note"] = "希望明年增加外部培训的机会。"
    values["rating"] = stream.pick(("5", "4", "4", "3"))


@choice("result-confirmation")
def confirm(question: Question, values: Values) -> None:
    values["outcome"] = "confirmed"
    if question.persona.stream.chance(0.04):
        values["outcome"] = "appealed"
        values["ground"] = "data_error"
        values["text"] = sentence(question.persona.stream, "text", 20)


@choice("appeal-decision")
def decide_appeal(question: Question, values: Values) -> None:
    """Upheld, or corrected by a point or two when the person was rated."""
    context = question.context
    assert context.session is not None
    values["outcome"] = "upheld"
    cycle, about = context.variables["cycle"], question.about or ""
    result = latest_result(context.session, cycle, about)
    if question.persona.stream.chance(0.3) and result and result.clean_total_e2 is not None:
        values["outcome"] = "corrected"
        values["to_total"] = min(result.clean_total_e2 + Decimal("1.50"), Decimal(120))


@choice("follow-up")
def follow_up(question: Question, values: Values) -> None:
    for row in values.get("items", []):
        row["status"] = question.persona.stream.pick(("on_track", "done", "done", "at_risk"))
        row["note"] = "已和本人核对进展，材料已存档。"


@choice("bonus-run")
def run_bonus(question: Question, values: Values) -> None:
    values["veto_share"] = "return"


@choice("payout-approval")
def approve(question: Question, values: Values) -> None:
    values["decision"] = "approve"
    if question.persona.stream.chance(0.05):
        values["decision"] = "return"
        values["note"] = "请说明奖金池金额的依据。"
