"""Decision models: requirements, knowledge, services, imports, types and boxed expressions."""

from __future__ import annotations

from typing import Any

import pytest

from perfflow.feel import compile, FeelError
from perfflow.feel.decisions import load_dmn
from perfflow.feel.errors import ModelError
from tests.feel.dmn import decision, input_data, item, knowledge, model, table, text

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def boxed(logic: str, context: dict[str, Any] | None = None) -> Any:
    """The value of one decision with that logic and the inputs x and y."""
    inputs = [input_data("x"), input_data("y")]
    file = model(*inputs, decision("d", logic, ["in-x", "in-y"]))
    return load_dmn(file).evaluate("d", context or {"x": 1, "y": 2})


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_every_version_are_read(version: str) -> None:
    file = model(input_data("x"), decision("d", text("x + 1"), ["in-x"]), version=version)
    assert load_dmn(file).evaluate("d", {"x": 1}).value == 2


def test_a_required_decision_is_evaluated_once() -> None:
    calls: list[int] = []

    def tick() -> int:
        calls.append(1)
        return 5

    file = model(
        decision("base", text("tick()")),
        decision("left", text("base + 1"), ["base"]),
        decision("right", text("base + 2"), ["base"]),
        decision("top", text("left * right"), ["left", "right"]),
    )
    result = load_dmn(file).evaluate("top", {}, functions={"tick": tick})
    assert result.value == 42
    assert calls == [1]


def test_a_decision_sees_only_what_it_requires() -> None:
    file = model(input_data("x"), decision("d", text("x"), []))
    result = load_dmn(file).evaluate("d", {"x": 5})
    assert result.value is None
    assert result.warnings[0].code == "feel.unknown_variable"


def test_a_decision_is_found_by_name_or_id() -> None:
    loaded = load_dmn(model('<decision id="d-1" name="Final grade"><variable name="Final grade"/>'
                            + text("1") + "</decision>"))  # fmt: skip
    assert loaded.evaluate("d-1").value == loaded.evaluate("Final grade").value == 1
    with pytest.raises(ModelError) as caught:
        loaded.evaluate("nobody")
    assert caught.value.message_en == "No decision is named nobody"


def test_a_decision_that_needs_itself_is_null_with_a_warning() -> None:
    file = model(decision("a", text("b"), ["b"]), decision("b", text("a"), ["a"]))
    result = load_dmn(file).evaluate("a")
    assert result.value is None
    assert result.warnings[0].code == "feel.cycle"


def test_a_missing_input_is_null_with_a_warning() -> None:
    result = boxed(text("x"), {"y": 1})
    assert (result.value, result.warnings[0].code) == (None, "feel.missing_input")


def test_names_with_operators_come_from_the_model() -> None:
    file = model(
        input_data("Base-Rate"),
        input_data("pros and cons"),
        decision("d", text("Base-Rate * pros and cons"), ["in-Base-Rate", "in-pros and cons"]),
    )
    assert load_dmn(file).evaluate("d", {"Base-Rate": 3, "pros and cons": 4}).value == 12


# Knowledge and services


def test_knowledge_is_called_by_position_name_and_invocation() -> None:
    bonus = knowledge("bonus", ["base", "factor"], text("base * factor"))
    calls = [
        text("bonus(100, 2)"),
        text("bonus(factor: 2, base: 100)"),
        f"<invocation>{text('bonus')}"
        f'<binding><parameter name="base"/>{text("100")}</binding>'
        f'<binding><parameter name="factor"/>{text("2")}</binding></invocation>',
    ]
    for logic in calls:
        file = model(bonus, decision("d", logic, ["bkm-bonus"]))
        assert load_dmn(file).evaluate("d").value == 200


def test_knowledge_may_be_a_table_and_may_use_other_knowledge() -> None:
    rate = knowledge(
        "rate", ["grade"], table(["grade"], [['"A"', "2"], ["-", "1"]], policy="FIRST")
    )
    pay = knowledge("pay", ["grade", "base"], text("base * rate(grade)"), ["bkm-rate"])
    file = model(rate, pay, decision("d", text('[pay("A", 10), pay("C", 10)]'), ["bkm-pay"]))
    assert load_dmn(file).evaluate("d").value == [20, 10]


def test_knowledge_may_call_itself() -> None:
    logic = text("if n <= 1 then 1 else n * factorial(n - 1)")
    caller = decision("d", text("factorial(6)"), ["bkm-factorial"])
    file = model(knowledge("factorial", ["n"], logic), caller)
    assert load_dmn(file).evaluate("d").value == 720


def test_a_call_with_the_wrong_arguments_is_null() -> None:
    file = model(knowledge("f", ["a"], text("1")), decision("d", text("f(1, 2)"), ["bkm-f"]))
    result = load_dmn(file).evaluate("d")
    assert (result.value, result.warnings[0].code) == (None, "feel.arguments")


SERVICE = model(
    input_data("x"),
    input_data("y"),
    decision("sum of both", text("x + y"), ["in-x", "in-y"]),
    decision("doubled", text("2 * sum of both"), ["sum of both"]),
    '<decisionService id="ds-s" name="s"><variable name="s"/><outputDecision href="#doubled"/>'
    '<encapsulatedDecision href="#sum of both"/><inputData href="#in-x"/><inputData href="#in-y"/>'
    "</decisionService>",
    '<decisionService id="ds-late" name="late"><variable name="late"/>'
    '<outputDecision href="#doubled"/><inputDecision href="#sum of both"/></decisionService>',
    '<decisionService id="ds-two" name="two"><variable name="two"/>'
    '<outputDecision href="#doubled"/>'
    '<outputDecision href="#sum of both"/><inputData href="#in-x"/><inputData href="#in-y"/>'
    "</decisionService>",
    decision("caller", text("s(3, 4) + late(1)"), ["ds-s", "ds-late"]),
)


def test_a_service_is_a_function_of_its_inputs() -> None:
    assert load_dmn(SERVICE).evaluate("caller").value == 16


def test_a_service_can_be_asked_directly() -> None:
    loaded = load_dmn(SERVICE)
    assert loaded.evaluate("s", {"x": 1, "y": 2}).value == 6
    assert loaded.evaluate("two", {"x": 1, "y": 2}).value == {"doubled": 6, "sum of both": 3}


def test_an_input_decision_replaces_the_decision() -> None:
    assert load_dmn(SERVICE).evaluate("late", {"sum of both": 50}).value == 100


# Imports


IMPORTED = model(
    item("tGrade", "string", allowed='"A", "B"'),
    input_data("who"),
    decision("greeting", text('"Hello, " + who'), ["in-who"]),
    knowledge("twice", ["n"], text("n * 2")),
    namespace="urn:lib",
)


def importing(*parts: str) -> bytes:
    return model(
        '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN"/>', *parts
    )


def test_decisions_and_knowledge_of_an_import_stand_below_its_name() -> None:
    needs = ["urn:lib#greeting"]
    logic = text('lib.greeting + "!" + string(lib.twice(21))')
    required = '<requiredKnowledge href="urn:lib#bkm-twice"/>'
    requirement = f"<knowledgeRequirement>{required}</knowledgeRequirement>"
    part = decision("d", requirement + logic, needs)
    loaded = load_dmn(importing(part), [IMPORTED])
    assert loaded.evaluate("d", {"lib": {"who": "Li"}}).value == "Hello, Li!42"
    assert loaded.evaluate("d", {"who": "Wang"}).value == "Hello, Wang!42"


def test_types_of_an_import_are_known_below_its_name() -> None:
    loaded = load_dmn(importing(decision("d", text('"A" instance of lib.tGrade'))), [IMPORTED])
    assert loaded.evaluate("d").value is True


# Types


TYPES = [
    item("tScore", "number", allowed="[0..100]"),
    item("tScores", "tScore", many=True),
    item(
        "tPerson",
        inner='<itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
        '<itemComponent name="score"><typeRef>tScore</typeRef></itemComponent>',
    ),
]


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("tScore", 50, True),
        ("tScore", 101, False),
        ("tScore", "50", False),
        ("tScore", None, True),
        ("tScores", [1, 2], True),
        ("tScores", [1, 200], False),
        ("tScores", 5, True),
        ("tPerson", {"name": "Li", "score": 5}, True),
        ("tPerson", {"name": "Li", "score": 500}, False),
        ("tPerson", {"name": "Li"}, False),
        ("string", ["only one"], True),
        ("date", "2026-01-01", False),
        ("Any", 5, True),
    ],
)
def test_an_input_must_fit_its_type(kind: str, value: Any, fits: bool) -> None:
    file = model(*TYPES, input_data("x", kind), decision("d", text("x"), ["in-x"]))
    result = load_dmn(file).evaluate("d", {"x": value})
    assert bool(result.warnings) is not fits
    assert (result.value is not None) is (fits and value is not None)


def test_a_result_of_the_wrong_type_is_null() -> None:
    file = model(*TYPES, decision("d", text("150"), kind="tScore"))
    result = load_dmn(file).evaluate("d")
    assert (result.value, result.warnings[0].code) == (None, "feel.type")


def test_a_list_of_one_becomes_its_item_where_a_single_value_is_declared() -> None:
    assert load_dmn(model(decision("d", text("[5]"), kind="number"))).evaluate("d").value == 5


# Boxed expressions


def test_a_boxed_context_sees_its_earlier_entries_and_may_have_a_result() -> None:
    entries = (
        f'<contextEntry><variable name="a"/>{text("x + 1")}</contextEntry>'
        f'<contextEntry><variable name="b"/>{text("a * 10")}</contextEntry>'
    )
    assert boxed(f"<context>{entries}</context>").value == {"a": 2, "b": 20}
    result = f"<contextEntry>{text('a + b')}</contextEntry>"
    assert boxed(f"<context>{entries}{result}</context>").value == 22


def test_a_boxed_list_and_a_relation() -> None:
    assert boxed(f"<list>{text('x')}{text('y')}</list>").value == [1, 2]
    rows = f"<row>{text('x')}{text('1')}</row><row>{text('y')}{text('2')}</row>"
    relation = f'<relation><column name="k"/><column name="v"/>{rows}</relation>'
    assert boxed(relation).value == [{"k": 1, "v": 1}, {"k": 2, "v": 2}]


def test_a_boxed_function() -> None:
    body = text("n + x")
    function = f'<functionDefinition><formalParameter name="n"/>{body}</functionDefinition>'
    entries = f'<contextEntry><variable name="f"/>{function}</contextEntry>'
    call = f"<contextEntry>{text('f(10)')}</contextEntry>"
    assert boxed(f"<context>{entries}{call}</context>").value == 11


def test_a_boxed_conditional_filter_and_iterator() -> None:
    branches = f"<then>{text('1')}</then><else>{text('2')}</else>"
    conditional = f"<conditional><if>{text('x > 0')}</if>{branches}</conditional>"
    assert boxed(conditional).value == 1
    assert boxed(conditional, {"x": -1, "y": 0}).value == 2
    match = f"<match>{text('item > x')}</match>"
    filtered = f"<filter><in>{text('[1, 2, 3]')}</in>{match}</filter>"
    assert boxed(filtered).value == [2, 3]
    loop = (
        f'<for iteratorVariable="i"><in>{text("1..3")}</in><return>{text("i * y")}</return></for>'
    )
    assert boxed(loop).value == [2, 4, 6]
    assert boxed(loop.replace("1..3", "[1..3)")).value == [2, 4]
    assert boxed(loop.replace("1..3", "[5, 6]")).value == [10, 12]


@pytest.mark.parametrize(
    ("quantifier", "condition", "expected"),
    [
        ("some", "i > 2", True),
        ("some", "i > 9", False),
        ("every", "i > 0", True),
        ("every", "i > 1", False),
    ],
)
def test_boxed_quantifiers(quantifier: str, condition: str, expected: bool) -> None:
    parts = f"<in>{text('[1, 2, 3]')}</in><satisfies>{text(condition)}</satisfies>"
    logic = f'<{quantifier} iteratorVariable="i">{parts}</{quantifier}>'
    assert boxed(logic).value is expected


def test_functions_outside_feel_are_not_called() -> None:
    name = text('"java.lang.Math"')
    function = (
        '<functionDefinition kind="Java"><formalParameter name="n"/><context><contextEntry>'
        f'<variable name="class"/>{name}</contextEntry></context></functionDefinition>'
    )
    entries = f'<contextEntry><variable name="f"/>{function}</contextEntry>'
    result = boxed(f"<context>{entries}<contextEntry>{text('f(1)')}</contextEntry></context>")
    assert (result.value, result.warnings[0].code) == (None, "feel.external")


def test_a_decision_without_logic_takes_its_value_from_the_context() -> None:
    loaded = load_dmn(model(decision("d", "")))
    assert loaded.evaluate("d", {"d": 7}).value == 7
    assert loaded.evaluate("d").warnings[0].code == "feel.no_logic"


# Hostile files


BAD_FILES = [
    b"",
    b"no xml",
    b"<a><b></a>",
    b'<!DOCTYPE d [<!ENTITY x "y">]><definitions name="&x;"/>',
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions/>',
    b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>',
    b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><definitions>&b;</definitions>',
    b"<a>" * 5000 + b"</a>" * 5000,
    b" " * 4_000_001,
]


@pytest.mark.parametrize("file", BAD_FILES, ids=range(len(BAD_FILES)))
def test_a_file_that_is_broken_or_reaches_outside_is_refused(file: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        load_dmn(file)
    assert "root:" not in str(caught.value)


def test_a_value_nested_too_deeply_is_refused() -> None:
    deep = "<list>" * 240 + text("1") + "</list>" * 240
    result = load_dmn(model(decision("d", deep))).evaluate("d")
    with pytest.raises(FeelError):
        _ = result.value


def test_a_loop_without_end_in_a_model_ends_in_an_error() -> None:
    file = model(knowledge("f", ["n"], text("f(n + 1)")), decision("d", text("f(1)"), ["bkm-f"]))
    with pytest.raises(FeelError):
        load_dmn(file).evaluate("d")
    assert compile("1").evaluate({}).value == 1
