"""What the deploy gate says about a form file: a code, the place, a sentence per language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a form file; ``path`` is the place in it (``components[2].values[0]``)."""

    code: str
    severity: Severity
    path: str
    message_zh: str
    message_en: str

    def message(self, language: str) -> str:
        """The sentence in the reader's language."""
        return self.message_zh if language.startswith("zh") else self.message_en


# code → (severity, zh, en). The codes are stable: documentation and tests refer to them.
CATALOGUE: dict[str, tuple[Severity, str, str]] = {
    "FM-001": (
        "error",
        "文件不是可读的 JSON：{why}",
        "Expected a JSON file but it cannot be read: {why}",
    ),
    "FM-002": (
        "error",
        "表单文件应不超过 {limit}，实际为 {got}",
        "Expected at most {limit} but got {got}",
    ),
    "FM-003": (
        "error",
        "这里应为{expected}，实际为 {got}",
        "Expected {expected_en} here but got {got}",
    ),
    "FM-004": (
        "error",
        "不认识的字段类型“{got}”；可用的类型见表单参考",
        "Expected a known component type but got '{got}'; the reference lists them",
    ),
    "FM-005": (
        "error",
        "字段类型“{got}”不允许使用：{why}",
        "Component type '{got}' is refused: {why_en}",
    ),
    "FM-006": (
        "error",
        "这个字段需要 key",
        "Expected a key on this component but there is none",
    ),
    "FM-007": (
        "error",
        "key “{got}”不可用：只能由字母、数字和下划线组成，不能以数字开头",
        "Expected a key of letters, digits and underscores but got '{got}'",
    ),
    "FM-008": (
        "error",
        "key “{got}”在同一层出现了两次",
        "Expected each key once in its list or form but '{got}' appears twice",
    ),
    "FM-009": ("error", "FEEL 表达式无法读取：{why}", "The FEEL expression cannot be read: {why}"),
    "FM-010": (
        "error",
        "选项列表为空：请给出 values、valuesKey、valuesExpression 或 lookup",
        "Expected options: give values, valuesKey, valuesExpression or a lookup",
    ),
    "FM-011": (
        "error",
        "选项值“{got}”出现了两次",
        "Expected each option value once but '{got}' appears twice",
    ),
    "FM-012": (
        "error",
        "正则表达式无法使用：{why}",
        "The pattern cannot be used: {why}",
    ),
    "FM-013": (
        "error",
        "没有名为“{got}”的绑定",
        "Expected a registered binding but '{got}' does not exist",
    ),
    "FM-014": (
        "error",
        "绑定“{binding}”需要字段“{got}”，表单里没有",
        "Binding '{binding}' needs the field '{got}', which the form does not have",
    ),
    "FM-015": (
        "error",
        "规则没有提示语：请填写 {got} 和 {got}@en",
        "Expected a sentence for the rule: give {got} and {got}@en",
    ),
    "FM-016": (
        "error",
        "没有名为“{got}”的查找",
        "Expected a known look-up but '{got}' does not exist",
    ),
    "FM-017": (
        "error",
        "没有名为“{got}”的角色",
        "Expected a role code but '{got}' does not exist",
    ),
    "FM-018": (
        "warning",
        "缺少英文：请在 properties 里填写 {got}",
        "English text is missing: give {got} in properties",
    ),
    "FM-019": (
        "warning",
        "内容里不允许的标记会被去掉：{got}",
        "Markup that is not allowed will be removed: {got}",
    ),
    "FM-020": (
        "warning",
        "schemaVersion {got} 比支持的 {limit} 新",
        "schemaVersion {got} is newer than {limit}, the one supported here",
    ),
    "FM-021": (
        "error",
        "最小值 {low} 大于最大值 {high}",
        "Expected a minimum below the maximum but got {low} and {high}",
    ),
    "FM-022": (
        "warning",
        "不认识的设置“{got}”，不会起作用",
        "Expected a known setting but got '{got}'; it has no effect",
    ),
    "FM-023": (
        "error",
        "同一个 JSON 对象里的“{got}”出现了两次",
        "Expected each name once in a JSON object but '{got}' appears twice",
    ),
    "FM-024": (
        "error",
        "图片地址只能是本站路径或 data:image",
        "Expected a path of this site or a data:image address for the picture",
    ),
    "FM-025": (
        "warning",
        "文件名“{got}”与表单 id“{form_id}”不一致",
        "The file is called '{got}' but the form's id is '{form_id}'",
    ),
}


def finding(code: str, path: str, **params: object) -> Finding:
    """Word ``code`` for the place ``path``."""
    severity, text_zh, text_en = CATALOGUE[code]
    return Finding(code, severity, path, text_zh.format(**params), text_en.format(**params))
