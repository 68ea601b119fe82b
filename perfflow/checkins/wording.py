"""The words for kinds and states of activities, notes and commitments, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfflow.checkins.rules import ActionType, ActivityKind, CommitmentStatus, NoteKind
from perfflow.forms import Text

ACTION_TEXTS = {
    ActionType.TRAINING: Text("培训课程", "Training course"),
    ActionType.MENTOR_PAIRING: Text("师徒结对", "Mentor pairing"),
    ActionType.JOINT_VISIT: Text("陪访", "Joint visit"),
    ActionType.SCRIPT_PRACTICE: Text("话术演练", "Conversation practice"),
    ActionType.PRODUCT_TEST: Text("产品测试", "Product test"),
    ActionType.ROTATION: Text("轮岗或项目", "Rotation or project"),
    ActionType.PROCESS_IMPROVEMENT: Text("流程改进", "Process improvement"),
    ActionType.WRITTEN_REVIEW: Text("书面复盘", "Written review"),
    ActionType.OTHER: Text("其他", "Other"),
}
ACTIVITY_TEXTS = {
    ActivityKind.VISIT: Text("拜访", "Visit"),
    ActivityKind.CALL: Text("电话", "Call"),
    ActivityKind.PLAN_DELIVERED: Text("交付规划书", "Plan delivered"),
    ActivityKind.TRAINING: Text("培训", "Training"),
    ActivityKind.OTHER: Text("其他", "Other"),
}
NOTE_TEXTS = {
    NoteKind.PRAISE: Text("称赞", "Praise"),
    NoteKind.NUDGE: Text("提醒", "Nudge"),
    NoteKind.OBSERVATION: Text("观察", "Observation"),
}
STATUS_TEXTS = {
    CommitmentStatus.OPEN: Text("待开始", "Open"),
    CommitmentStatus.ON_TRACK: Text("按进度", "On track"),
    CommitmentStatus.AT_RISK: Text("有风险", "At risk"),
    CommitmentStatus.DONE: Text("已完成", "Done"),
    CommitmentStatus.MISSED: Text("没有做到", "Missed"),
}
CHECK_IN_TEXTS = {
    "open": Text("未开始", "Not started"),
    "prepared": Text("员工已写", "Written by the employee"),
    "held": Text("已沟通，待签字", "Held, not signed yet"),
    "signed": Text("双方已签", "Signed by both"),
    "missing": Text("过程缺失", "Did not happen"),
}
PACE_TEXTS = {
    "on_track": Text("按进度", "On track"),
    "at_risk": Text("有风险", "At risk"),
    "off_track": Text("落后", "Behind"),
}


def options(texts: Mapping[Any, Text], language: str) -> list[tuple[str, str]]:
    """Choices for a select or radio group, in the order of the table."""
    return [(str(key), text.within(language)) for key, text in texts.items()]
