"""What is shown, what is locked, and that neither can be talked round."""

from __future__ import annotations

from decimal import Decimal

from perfflow.kernel.actor import Actor
from tests.forms.building import codes, EMPLOYEE, form, HR, page, part, send

YES_NO = [{"label": "是", "value": "yes"}, {"label": "否", "value": "no"}]


def hidden_unless_yes(key: str, **settings: object) -> dict[str, object]:
    return part("textfield", key, conditional={"hide": '=answer != "yes"'}, **settings)


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    definition = form(
        part("radio", "answer", values=YES_NO),
        hidden_unless_yes("why", validate={"required": True}),
    )
    outcome = send(definition, page(answer="no", why="smuggled"))
    assert outcome.errors == []
    assert outcome.values == {"answer": "no"}
    assert outcome.shown == {"answer"}


def test_a_shown_field_is_required_and_kept() -> None:
    definition = form(
        part("radio", "answer", values=YES_NO),
        hidden_unless_yes("why", validate={"required": True}),
    )
    assert codes(send(definition, page(answer="yes"))) == [("why", "forms.required")]
    assert send(definition, page(answer="yes", why="so")).values == {"answer": "yes", "why": "so"}


def test_a_field_hidden_by_a_hidden_field_is_hidden_too() -> None:
    definition = form(
        part("textfield", "third", conditional={"hide": "=second = null"}),
        part("textfield", "second", conditional={"hide": '=first != "open"'}),
        part("textfield", "first"),
    )
    outcome = send(definition, page(first="shut", second="forged", third="forged"))
    assert outcome.values == {"first": "shut"}


def test_conditions_in_a_circle_come_to_an_end() -> None:
    definition = form(
        part("textfield", "a", conditional={"hide": "=b != null"}),
        part("textfield", "b", conditional={"hide": "=a != null"}),
    )
    assert send(definition, page(a="1", b="2")).errors == []


def test_a_condition_that_is_null_hides_nothing() -> None:
    definition = form(part("textfield", "a", conditional={"hide": "=missing > 3"}))
    assert send(definition, page(a="x")).values == {"a": "x"}


def test_a_hidden_group_takes_everything_inside_along() -> None:
    definition = form(
        part("checkbox", "more"),
        part(
            "group",
            "",
            conditional={"hide": "=not(more)"},
            children=[
                part("textfield", "a", validate={"required": True}),
                part("dynamiclist", "rows", children=[part("textfield", "b")]),
            ],
        ),
    )
    outcome = send(definition, page(("f-rows", "0"), ("f-rows-0-b", "x"), ("f-a", "x")))
    assert outcome.errors == []
    assert outcome.values == {"more": False}


def test_a_group_with_a_path_nests_its_values() -> None:
    definition = form(part("group", "plan", children=[part("textfield", "goal")]))
    outcome = send(definition, page(("f-plan.goal", "grow")))
    assert outcome.values == {"plan": {"goal": "grow"}}
    start = {"plan": {"goal": "before"}}
    assert send(definition, {"plan": {"goal": "after"}}, start=start).values == {
        "plan": {"goal": "after"}
    }


def test_a_readonly_field_keeps_the_value_of_the_server() -> None:
    definition = form(part("number", "target", readonly=True))
    outcome = send(definition, page(target="99"), start={"target": Decimal(7)})
    assert outcome.values == {"target": Decimal(7)}
    assert outcome.errors == []


def test_a_disabled_field_is_shown_but_left_out() -> None:
    definition = form(part("number", "target", disabled=True))
    outcome = send(definition, page(target="99"), start={"target": Decimal(7)})
    assert outcome.values == {}
    assert outcome.shown == {"target"}


def test_a_field_is_readonly_by_a_formula() -> None:
    definition = form(part("checkbox", "lock"), part("textfield", "t", readonly="=lock"))
    start = {"t": "mine"}
    assert send(definition, page(lock="y", t="forged"), start=start).values["t"] == "mine"
    assert send(definition, page(t="new"), start=start).values["t"] == "new"


def test_an_invalid_text_in_a_readonly_field_is_no_error() -> None:
    definition = form(part("number", "n", readonly=True, validate={"required": True}))
    assert send(definition, page(n="rubbish")).errors == []


def test_rights_decide_who_sees_a_field() -> None:
    definition = form(part("textfield", "note", props={"read": "hr-partner"}))
    assert send(definition, page(note="x"), actor=EMPLOYEE).values == {}
    assert send(definition, page(note="x"), actor=HR).values == {"note": "x"}


def test_rights_decide_who_fills_a_field() -> None:
    definition = form(part("textfield", "note", props={"write": "hr-partner, finance"}))
    start = {"note": "old"}
    assert send(definition, page(note="x"), actor=EMPLOYEE, start=start).values == {"note": "old"}
    assert send(definition, page(note="x"), actor=HR, start=start).values == {"note": "x"}


def test_rights_depend_on_the_step() -> None:
    definition = form(
        part("textfield", "a", props={"writeAt": "draft-goals"}),
        part("textfield", "b", props={"readAt": "draft-goals"}),
    )
    sent = page(a="x", b="y")
    assert send(definition, sent, element="draft-goals").values == {"a": "x", "b": "y"}
    assert send(definition, sent, element="sign-goals").values == {"a": None}


def test_rights_of_a_group_hold_for_what_is_inside() -> None:
    definition = form(
        part("group", "", props={"write": "hr-partner"}, children=[part("textfield", "a")])
    )
    assert send(definition, page(a="x"), actor=Actor("outsider")).values == {"a": None}


def test_a_computed_field_comes_from_the_server() -> None:
    definition = form(
        part("number", "a"), part("number", "b"), part("expression", "total", expression="=a + b")
    )
    outcome = send(definition, page(a="1.1", b="2.2", total="999"))
    assert outcome.values["total"] == Decimal("3.3")


def test_a_computed_field_may_decide_what_is_shown() -> None:
    definition = form(
        part("number", "a"),
        part("expression", "big", expression="=a > 100"),
        part("textfield", "why", conditional={"hide": "=not(big)"}, validate={"required": True}),
    )
    assert send(definition, page(a="5")).errors == []
    assert codes(send(definition, page(a="500"))) == [("why", "forms.required")]


def test_a_rule_compares_fields_and_speaks_both_languages() -> None:
    definition = form(
        part("datetime", "from_on"),
        part(
            "datetime",
            "to_on",
            props={
                "rule": "=value >= from_on",
                "message": "结束不能早于开始。",
                "message@en": "It cannot end before it begins.",
            },
        ),
    )
    outcome = send(definition, page(from_on="2026-02-02", to_on="2026-02-01"))
    assert codes(outcome) == [("to_on", "forms.rule")]
    assert outcome.errors[0].sentence("zh") == "结束不能早于开始。"
    assert outcome.errors[0].sentence("en") == "It cannot end before it begins."
    assert send(definition, page(from_on="2026-02-02", to_on="2026-02-02")).is_valid
    # Something is still empty: that is not what this rule is about.
    assert send(definition, page(to_on="2026-02-02")).is_valid


def test_several_rules_of_the_whole_form_are_all_said() -> None:
    definition = form(
        part("number", "a"),
        rule="=a > 1",
        message="一",
        rule2="=a > 2",
        message2="二",
    )
    outcome = send(definition, page(a="0"))
    assert [error.sentence("zh") for error in outcome.errors] == ["一", "二"]
    assert {error.path for error in outcome.errors} == {""}


def test_process_variables_are_seen_but_never_become_values() -> None:
    definition = form(part("number", "a", validate={"max": "=cap"}))
    assert codes(send(definition, page(a="6"), cap=5)) == [("a", "forms.too_large")]
    assert send(definition, page(a="5"), cap=5).values == {"a": Decimal(5)}


def test_names_that_the_form_does_not_have_are_ignored_when_a_page_sends_them() -> None:
    sent = page(("csrf_token", "x"), ("f-nothing", "x"), ("revision", "3"), ("f-a", "kept"))
    outcome = send(form(part("textfield", "a")), sent)
    assert outcome.errors == []
    assert outcome.values == {"a": "kept"}


def test_a_type_from_another_time_is_a_notice_and_no_crash() -> None:
    outcome = send(form(part("hologram", "h"), part("textfield", "a")), page(a="x", h="y"))
    assert outcome.values == {"a": "x"}
