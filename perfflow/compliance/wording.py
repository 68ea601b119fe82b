"""The words for states and severities of a gate case, in both languages."""

from __future__ import annotations

from perfflow.forms import Text

STATUS_TEXTS = {
    "reported": Text("已报告", "Reported"),
    "triaged": Text("已分类", "Triaged"),
    "investigating": Text("调查中", "Investigating"),
    "hearing": Text("听证", "Hearing"),
    "unfounded": Text("不成立", "Unfounded"),
    "upheld": Text("成立", "Upheld"),
    "appealed": Text("申诉中", "Appealed"),
    "final": Text("已结案", "Closed"),
}
SEVERITY_TEXTS = {
    0: Text("0 提示", "0 Notice"),
    1: Text("1 轻微", "1 Minor"),
    2: Text("2 一般", "2 Moderate"),
    3: Text("3 严重", "3 Serious"),
    4: Text("4 重大", "4 Major"),
}
