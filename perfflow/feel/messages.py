"""The wording, in English and Chinese, of everything that the FEEL package says."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: dict[str, tuple[str, str]] = {
    # syntax
    "feel.expected": ("Expected {expected} but found {found}", "此处应为{expected}，实际为{found}"),
    "feel.bad_character": ("Unexpected character {found}", "无法识别的字符 {found}"),
    "feel.open_string": ("Expected a closing quotation mark", "字符串缺少结束引号"),
    "feel.open_comment": ("Expected the comment to end with */", "注释缺少结束符 */"),
    "feel.bad_escape": ("Expected a character of Unicode after {found}", "{found} 不是有效的字符"),
    "feel.too_long": (
        "Expected at most {limit} characters but got {size}",
        "表达式最多 {limit} 个字符，现在有 {size} 个",
    ),
    "feel.too_deep": (
        "Expected at most {limit} levels of nesting",
        "表达式嵌套最多 {limit} 层",
    ),
    "feel.unknown_type": ("Expected the name of a type but got {name}", "未知的类型：{name}"),
    # limits
    "feel.budget": (
        "Expected an expression that ends within {limit} steps",
        "表达式的计算超过了 {limit} 步的上限",
    ),
    "feel.text_too_long": (
        "Expected texts of at most {limit} characters",
        "文本长度超过 {limit} 个字符的上限",
    ),
    "feel.call_depth": (
        "Expected at most {limit} function calls inside each other",
        "函数嵌套调用超过 {limit} 层的上限",
    ),
    "feel.not_a_value": (
        "Expected a FEEL value but got a Python {type}",
        "类型 {type} 不能作为 FEEL 的值",
    ),
    # evaluation: why a value is null
    "feel.unknown_variable": ("No variable is named {name}", "没有名为 {name} 的变量"),
    "feel.unknown_function": ("No function is named {name}", "没有名为 {name} 的函数"),
    "feel.not_a_function": ("Expected a function but got {got}", "此处应为函数，实际为{got}"),
    "feel.no_property": ("{got} has no entry named {name}", "{got}没有名为 {name} 的项"),
    "feel.null_operand": (
        "Expected a value beside {operator} but got null",
        "运算符 {operator} 的一侧为空",
    ),
    "feel.operands": (
        "Operator {operator} cannot take {left} and {right}",
        "运算符 {operator} 不能用于{left}与{right}",
    ),
    "feel.operand": ("Operator {operator} cannot take {got}", "运算符 {operator} 不能用于{got}"),
    "feel.division_by_zero": ("Division by zero", "除数为零"),
    "feel.out_of_range": ("The number is outside the range of FEEL", "数值超出 FEEL 的范围"),
    "feel.condition": (
        "Expected the condition to be true or false but got {got}",
        "条件应为真或假，实际为{got}",
    ),
    "feel.index": (
        "Expected a position from 1 to {size} but got {index}",
        "位置应在 1 到 {size} 之间，实际为 {index}",
    ),
    "feel.filter_null": ("Expected a list to filter but got null", "要筛选的列表为空"),
    "feel.duplicate_key": ("The context names {name} twice", "上下文中 {name} 出现了两次"),
    "feel.range_ends": (
        "Expected two ends of one ordered type but got {start} and {end}",
        "区间两端应为同一可比较类型，实际为{start}与{end}",
    ),
    "feel.range_order": ("Expected the start of the range before its end", "区间起点应不大于终点"),
    "feel.iteration": ("Expected a list or a range but got {got}", "应为列表或区间，实际为{got}"),
    "feel.arguments": (
        "Function {function} has no form with {count} arguments",
        "函数 {function} 没有 {count} 个参数的形式",
    ),
    "feel.argument_names": (
        "Function {function} has no parameters named {names}",
        "函数 {function} 没有名为 {names} 的参数",
    ),
    "feel.argument": (
        "Expected {parameter} of {function} to be {expected} but got {got}",
        "函数 {function} 的参数 {parameter} 应为{expected}，实际为{got}",
    ),
    "feel.invalid": ("Function {function} cannot use {value}", "函数 {function} 不能使用 {value}"),
    "feel.literal": ("{value} is no date, time or duration", "{value} 不是日期、时间或时长"),
    "feel.pattern": ("Expected a regular expression but got {value}", "正则表达式无效：{value}"),
    "feel.external": (
        "Function {function} runs outside FEEL",
        "函数 {function} 由 FEEL 之外的程序实现",
    ),
    "feel.function_failed": (
        "Function {function} failed: {reason}",
        "函数 {function} 失败：{reason}",
    ),
    "feel.type": ("Expected {expected} but got {got}", "类型应为{expected}，实际为{got}"),
    # decisions
    "feel.missing_input": ("The input {name} has no value", "输入 {name} 没有值"),
    "feel.not_allowed": ("{name} does not allow {value}", "{name} 不允许取值 {value}"),
    "feel.no_logic": ("The decision {name} has no logic", "决策 {name} 没有逻辑"),
    "feel.cycle": ("The decision {name} needs itself", "决策 {name} 依赖自身"),
    "feel.no_rule": ("No rule of {name} matches", "{name} 没有匹配的规则"),
    "feel.several_rules": (
        "Expected one matching rule but rules {rules} match",
        "应只有一条规则匹配，实际匹配的规则为 {rules}",
    ),
    "feel.different_outputs": (
        "Expected the matching rules {rules} to agree",
        "匹配的规则 {rules} 结果不一致",
    ),
    "feel.no_priority": (
        "The output values give {value} no priority",
        "输出值列表中没有 {value} 的优先级",
    ),
    "feel.syntax_inside": ("{where}: {reason}", "{where}：{reason}"),
    "feel.unknown_decision": ("No decision is named {name}", "没有名为 {name} 的决策"),
    "feel.bad_model": ("The file is no DMN model: {reason}", "该文件不是 DMN 模型：{reason}"),
    # findings about tables
    "feel.table_overlap": ("Rules {rules} overlap{example}", "规则 {rules} 互相重叠{example}"),
    "feel.table_gap": ("No rule covers {example}", "没有规则覆盖 {example}"),
    "feel.table_unreachable": ("Rule {rule} can never decide", "规则 {rule} 永远不会生效"),
    "feel.table_too_large": (
        "Tables of more than {limit} rules are not checked",
        "超过 {limit} 条规则的决策表不作检查",
    ),
    "feel.table_no_output": ("Rule {rule} has no output", "规则 {rule} 没有输出"),
}

TYPE_TEXTS: dict[str, tuple[str, str]] = {
    "null": ("null", "空值"),
    "boolean": ("a boolean", "布尔值"),
    "number": ("a number", "数字"),
    "string": ("a string", "字符串"),
    "date": ("a date", "日期"),
    "time": ("a time", "时间"),
    "date and time": ("a date and time", "日期时间"),
    "days and time duration": ("a days and time duration", "天与时间时长"),
    "years and months duration": ("a years and months duration", "年月时长"),
    "duration": ("a duration", "时长"),
    "list": ("a list", "列表"),
    "context": ("a context", "上下文"),
    "range": ("a range", "区间"),
    "function": ("a function", "函数"),
    "integer": ("a whole number", "整数"),
    "comparable": ("an ordered value", "可比较的值"),
    "Any": ("a value", "任意值"),
}


def word(code: str, params: Mapping[str, object], language: int = 0) -> str:
    """The sentence for a code; type names inside the parameters are put into the same language."""
    texts = TEXTS.get(code)
    if texts is None:
        return code
    shown = {key: _shown(value, language) for key, value in params.items()}
    return texts[language].format(**shown)


def _shown(value: object, language: int) -> str:
    if isinstance(value, TypeWord):
        texts = TYPE_TEXTS.get(value.name)
        return texts[language] if texts else value.name
    if isinstance(value, Pair):
        return (value.en, value.zh)[language]
    return str(value)


class TypeWord:
    """The name of a FEEL type as a parameter of a message, so that it can be worded."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Pair:
    """A parameter of a message that reads differently in the two languages."""

    __slots__ = ("en", "zh")

    def __init__(self, en: str, zh: str) -> None:
        self.en = en
        self.zh = zh

    def __repr__(self) -> str:
        return self.en
