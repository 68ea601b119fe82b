"""The deploy gate: every broken, hostile or careless form file is named with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from perfflow.forms import bindings, check_form, Finding, form_binding, FormBinding, parse_form
from perfflow.forms.findings import CATALOGUE
from perfflow.kernel.errors import BadInput
from tests.forms.building import document, part

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "reference" / "forms.md"


@pytest.fixture(autouse=True)
def _own_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings, "_BINDINGS", {})

    @form_binding("probe.sheet")
    class _Sheet(FormBinding):
        fields = frozenset({"weight"})
        required = frozenset({"weight"})


def codes(text: str | bytes, key: str | None = None) -> list[tuple[str, str]]:
    return [(found.code, found.path) for found in check_form(text, key)]


def errors(text: str) -> list[Finding]:
    return [found for found in check_form(text) if found.severity == "error"]


def test_a_good_file_has_no_findings() -> None:
    good = document(
        part("textfield", "a", "甲", props={"label@en": "A"}),
        part("number", "n", "N", validate={"min": 0, "max": "=10 * 2"}),
        part("group", "", "G", children=[part("checkbox", "c", "C")]),
        part("dynamiclist", "rows", "R", children=[part("textfield", "a", "A")]),
    )
    assert check_form(good, "probe") == []


def test_the_example_of_the_documentation_is_a_good_file() -> None:
    match = re.search(r"```json\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    found = codes(match[1], "goal-sheet")
    assert found == [("FM-013", "properties.binding")]
    assert parse_form(match[1], "goal-sheet").binding == "goals.goal_sheet"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "FM-001"),
        ("{", "FM-001"),
        ("\x00\x01", "FM-001"),
        ('{"components": [], "x": NaN}', "FM-001"),
        ("[" * 100_000, "FM-001"),
        ('{"components": [], "components": []}', "FM-023"),
        ("[]", "FM-003"),
        ("null", "FM-003"),
        ('{"components": {}}', "FM-003"),
        ('{"id": "x"}', "FM-003"),
        ('{"components": ["x"]}', "FM-003"),
        ('{"components": [], "properties": 5}', "FM-003"),
        ('{"components": []}' + " " * 1_000_001, "FM-002"),
    ],
)
def test_what_is_no_form_file_is_said_so(text: str, code: str) -> None:
    assert [found.code for found in check_form(text)] == [code]


def test_bytes_that_are_no_text_are_not_readable() -> None:
    assert [found.code for found in check_form(b"\xff\xfe\x00")] == ["FM-001"]


@pytest.mark.parametrize(
    ("component", "code", "place"),
    [
        (part("textfeild", "a"), "FM-004", "type"),
        ({"key": "a"}, "FM-004", "type"),
        (part("iframe", "a"), "FM-005", "type"),
        (part("documentPreview", "a"), "FM-005", "type"),
        (part("filepicker", "a"), "FM-005", "type"),
        (part("textfield"), "FM-006", "key"),
        (part("dynamiclist", ""), "FM-006", "path"),
        (part("textfield", "a b"), "FM-007", "key"),
        (part("textfield", "1a"), "FM-007", "key"),
        (part("textfield", "a..b"), "FM-007", "key"),
        (part("textfield", "x" * 81), "FM-007", "key"),
        (part("textfield", "a", conditional={"hide": "=1 +"}), "FM-009", "conditional.hide"),
        (part("textfield", "a", readonly="=("), "FM-009", "readonly"),
        (part("number", "a", validate={"max": "=)"}), "FM-009", "validate.max"),
        (part("expression", "a", expression="=if"), "FM-009", "expression"),
        (part("select", "a", valuesExpression="=["), "FM-009", "valuesExpression"),
        (part("text", "", text="{{ 1 + }}"), "FM-009", "text"),
        (part("expression", "a"), "FM-003", "expression"),
        (part("radio", "a"), "FM-010", ""),
        (part("radio", "a", values=[{"value": "x"}, {"value": "x"}]), "FM-011", "values[1]"),
        (part("radio", "a", values=["x"]), "FM-003", "values[0]"),
        (part("radio", "a", values="x"), "FM-003", "values"),
        (part("textfield", "a", validate={"pattern": "("}), "FM-012", "validate.pattern"),
        (part("textfield", "a", validate={"pattern": "(?=x)"}), "FM-012", "validate.pattern"),
        (part("textfield", "a", validate=5), "FM-003", "validate"),
        (part("number", "a", validate={"min": "low"}), "FM-003", "validate.min"),
        (part("number", "a", validate={"min": True}), "FM-003", "validate.min"),
        (part("number", "a", decimalDigits="2"), "FM-003", "decimalDigits"),
        (part("number", "a", validate={"min": 5, "max": 4}), "FM-021", "validate"),
        (part("textfield", "a", label=5), "FM-003", "label"),
        (part("textfield", "a", props=[]), "FM-003", "properties"),
        (part("textfield", "a", conditional=5), "FM-003", "conditional"),
        (part("group", "", children={}), "FM-003", "components"),
        (part("table", "", dataSource="=x"), "FM-003", "columns"),
        (part("image", "", source="https://elsewhere.example/a.png"), "FM-024", "source"),
        (part("image", "", source="javascript:alert(1)"), "FM-024", "source"),
        (part("image", "", source="//elsewhere.example/a.png"), "FM-024", "source"),
        (part("textfield", "a", props={"read": "kings"}), "FM-017", "properties.read"),
        (part("select", "a", props={"lookup": "planets"}), "FM-016", "properties.lookup"),
        (
            part("checklist", "a", values=[], props={"minItems": "x"}),
            "FM-003",
            "properties.minItems",
        ),
    ],
)
def test_each_mistake_is_named_at_its_place(
    component: dict[str, Any], code: str, place: str
) -> None:
    found = [(one.code, one.path) for one in errors(document(component))]
    assert (code, f"components[0].{place}".rstrip(".")) in found


def test_a_rule_needs_a_sentence_in_both_languages() -> None:
    only_zh = part("number", "n", props={"rule": "=n > 1", "message": "太小"})
    assert [found.code for found in errors(document(only_zh))] == ["FM-015"]
    assert "FM-015" in [
        found.code for found in errors(document(part("number", "n"), rule="=n > 1"))
    ]


def test_a_key_may_repeat_in_another_row_scope_only() -> None:
    twice = document(part("textfield", "a"), part("group", "", children=[part("number", "a")]))
    assert ("FM-008", "components[1].components[0].key") in codes(twice)
    apart = document(
        part("textfield", "a"), part("dynamiclist", "rows", children=[part("textfield", "a")])
    )
    assert codes(apart) == []
    nested = document(part("textfield", "a"), part("group", "g", children=[part("textfield", "a")]))
    assert codes(nested) == []


def test_an_unknown_binding_and_missing_fields_of_a_known_one_are_errors() -> None:
    assert codes(document(part("number", "n"), binding="no.such")) == [
        ("FM-013", "properties.binding")
    ]
    assert codes(document(part("number", "n"), binding="probe.sheet")) == [("FM-014", "components")]
    assert codes(document(part("number", "weight"), binding="probe.sheet")) == []


def test_carelessness_is_a_warning_and_no_error() -> None:
    careless = json.dumps(
        {
            "id": "other",
            "schemaVersion": 99,
            "components": [
                part("textfield", "a", "只有中文", colour="red"),
                part("html", "", content="<script>x</script><p onclick='x'>y</p>"),
            ],
        },
        ensure_ascii=False,
    )
    found = check_form(careless, "probe")
    assert {one.severity for one in found} == {"warning"}
    assert {one.code for one in found} == {"FM-018", "FM-019", "FM-020", "FM-022", "FM-025"}


def test_a_unit_in_chinese_needs_its_english() -> None:
    unit = part("number", "n", appearance={"suffixAdorner": "万元"})
    assert codes(document(unit)) == [("FM-018", "components[0].properties")]
    told = part(
        "number",
        "n",
        appearance={"suffixAdorner": "万元"},
        props={"suffixAdorner@en": "CNY 10k"},
    )
    assert codes(document(told)) == []


def test_a_file_with_a_thousand_components_ends_early() -> None:
    many = document(*(part("textfield", f"k{n}") for n in range(1000)))
    assert [found.code for found in errors(many)] == ["FM-002"]


def test_a_file_that_nests_too_deep_is_refused() -> None:
    inner = part("textfield", "a")
    for number in range(20):
        inner = part("dynamiclist", f"l{number}", children=[inner])
    assert [found.code for found in errors(document(inner))] == ["FM-002"]


def test_every_finding_speaks_both_languages_and_is_documented() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for code, (_severity, message_zh, message_en) in CATALOGUE.items():
        assert code in text
        assert any("\u4e00" <= sign <= "\u9fff" for sign in message_zh)
        assert message_en.isascii() or "“" in message_en
    [found] = errors(document(part("iframe", "a")))
    assert found.message("zh") == "字段类型“iframe”不允许使用：不能嵌入外部网页"
    assert found.message("en").startswith("Component type 'iframe' is refused")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"components": 5}', "[" * 100_000])
def test_what_is_no_form_cannot_be_opened(text: str) -> None:
    with pytest.raises(BadInput):
        parse_form(text)


def test_the_same_text_is_the_same_form_and_another_text_another_version() -> None:
    first, again = document(part("textfield", "a")), document(part("textfield", "a"))
    assert parse_form(first).content_hash == parse_form(again).content_hash
    assert (
        parse_form(document(part("textfield", "b"))).content_hash != parse_form(first).content_hash
    )


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert check_form(b"\xef\xbb\xbf" + document(part("textfield", "a")).encode()) == []
