"""The words for grounds and states of an appeal, in both languages."""

from __future__ import annotations

from perfflow.appeals.rules import Ground
from perfflow.forms import Text

GROUND_TEXTS = {
    Ground.DATA_ERROR: Text("数据有误", "Wrong data"),
    Ground.PROCEDURE: Text("程序不当", "Procedure breach"),
    Ground.UNFAIR_SCORING: Text("评分不公", "Unfair scoring"),
    Ground.UNDISCLOSED_RULE: Text("规则未告知", "Undisclosed rule"),
    Ground.GATE_CASE: Text("合规事件", "Gate case"),
}
STATUS_TEXTS = {
    "open": Text("处理中", "Open"),
    "upheld": Text("维持", "Upheld"),
    "corrected": Text("已更正", "Corrected"),
}
