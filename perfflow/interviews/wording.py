"""The words for causes and dimensions, in both languages, as the forms and records show them."""

from __future__ import annotations

from perfflow.forms import Text
from perfflow.interviews.rules import Cause, DIMENSION_NAMES

DIMENSION_TEXTS = {code: Text(*names) for code, names in DIMENSION_NAMES.items()}
CAUSE_TEXTS = {
    Cause.COMMUNICATION: Text("沟通技巧不足", "Communication skill gap"),
    Cause.PRODUCT_KNOWLEDGE: Text("产品知识欠缺", "Product knowledge gap"),
    Cause.CLIENT_SEGMENT: Text("客户资源与分群", "Client resources and segments"),
    Cause.PROCESS_OR_TOOL: Text("流程或工具", "Process or tool"),
    Cause.TIME: Text("时间分配", "Use of time"),
    Cause.MOTIVATION: Text("动力与状态", "Motivation"),
    Cause.MARKET: Text("外部市场", "External market"),
    Cause.GOAL_SETTING: Text("目标设定不当", "Goals set badly"),
}
