"""Expressions of the Java engines mean the same in FEEL, or are not translated at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.workflow.definitions.juel import translate, Untranslatable
from perfflow.workflow.engine.expressions import compiled

VALUES: dict[str, Any] = {
    "approved": True, "denied": False, "name": "Li", "total": 3, "none": None, "words": [],
    "person": {"age": 40}, "list": ["a", "b"], "blank": "",
}  # fmt: skip


def value(text: str) -> Any:
    """What the translation of a text comes to."""
    return compiled(translate(text)).evaluate(VALUES).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${approved}", True),
        ("${!approved}", False),
        ("${!none}", True),
        ("${not denied}", True),
        ("${approved && !denied}", True),
        ("${denied || total > 2}", True),
        ("${denied || approved && total lt 2}", False),
        ("${name == 'Li'}", True),
        ('${name ne "Wang"}', True),
        ("${none == null}", True),
        ("${!(none > 3)}", True),
        ("${!(name == 3)}", True),
        ("${empty none}", True),
        ("${empty words}", True),
        ("${empty blank}", True),
        ("${!empty name and !empty list}", True),
        ("${person.age >= 18}", True),
        ("${person['age']}", 40),
        ("${list[0]}", "a"),
        ("${total + 1 == 4}", True),
        ("${total % 2 == 1}", True),
        ("${-total < 0}", True),
        ("${total / 2 >= 1.5}", True),
        ("${denied ? 'a' : 'b'}", "b"),
        ("${5}", 5),
        ("#{name}", "Li"),
        ("kermit_${total}", "kermit_3"),
        ("${name}/${total}", "Li/3"),
        ("${environment.variables.approved}", True),
        ("${'it\\'s'}", "it's"),
    ],
)
def test_simple_expressions_mean_the_same(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("${dateTime().plusWeeks(1)}", "dateTime()"),
        ("${bean.name(x)}", "bean.name()"),
        ("${execution.getVariable('a')}", "execution.getVariable()"),
        ("${a = 1}", "= 1"),
        ("${a ? b}", "a ? b"),
        ("${a[b]}", "a[b]"),
        ("${a == b == c}", "a == b == c"),
        ("${", "${"),
        ("${a", "${a"),
        ("${}", ""),
        ("${if}", "if"),
        ("${count > 2}", "count"),
        ("${a -> b}", ">"),
        ("${" + "(" * 80 + "a" + ")" * 80 + "}", "((("),
        ("${" + "a" * 3_000 + "}", "…"),
    ],
)
def test_what_has_no_totalerpart_is_named(text: str, named: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        translate(text)
    assert named in str(caught.value)


@pytest.mark.parametrize("text", ["=a > 1", "PT1H", "actotalancy", "a == 1", "$x", "{a}"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert translate(text) == text


@given(st.text(alphabet="ab1'\"!=<>&|?:.()[]+-*/%{}$# \\", max_size=40))
def test_any_text_is_translated_to_feel_or_refused(inner: str) -> None:
    try:
        found = translate("${" + inner + "}")
    except Untranslatable:
        return
    compiled(found)
