"""What a template is given: items in order, errors at their places, safe markup, blank rows."""

from __future__ import annotations

from decimal import Decimal

from perfflow.forms import FieldError, Text
from perfflow.forms.bound import BoundForm
from perfflow.forms.view import form_view
from tests.forms.building import context, form, page, part, send

LINES = part(
    "dynamiclist",
    "lines",
    "Goals",
    children=[part("textfield", "why", "Why", validate={"required": True})],
)


def test_items_come_in_document_order_without_hidden_ones() -> None:
    definition = form(
        part("textfield", "a"),
        part("textfield", "b", conditional={"hide": "=true"}),
        part("group", "", children=[part("number", "c")]),
    )
    view = form_view(BoundForm(definition, context(), None, {}))
    assert [item.kind for item in view.items] == ["textfield", "group"]
    found = view.item("c")
    assert found is not None
    assert found.kind == "number"
    assert view.item("b") is None


def test_errors_stand_at_their_field_and_in_the_summary() -> None:
    outcome = send(form(LINES), page(("f-lines", "3"), ("f-lines", "8"), ("f-lines-3-why", "x")))
    view = form_view(outcome.form)
    assert view.summary == [("f-lines-8-why", "“Why” is still empty.")]
    rows = view.items[0].rows
    assert [row.number for row in rows] == ["3", "8"]
    second = rows[1].item("why")
    assert second is not None
    assert second.errors == ["“Why” is still empty."]


def test_an_error_for_an_unknown_column_stands_at_its_row_then_at_its_list_then_on_top() -> None:
    bound = BoundForm(form(LINES), context(), None, {"lines": [{"why": "x"}]})
    sentence = Text("不行", "No")
    for path in ("lines.0.weight_bp", "lines.9.why", "elsewhere"):
        bound.errors.append(FieldError(path, "forms.rule", message=sentence))
    view = form_view(bound)
    assert view.items[0].rows[0].errors == ["No"]
    assert view.items[0].errors == ["No"]
    assert [anchor for anchor, _ in view.summary] == ["f-lines-0-why", "f-lines", None]


def test_values_are_shown_in_words() -> None:
    definition = form(
        part("select", "city", values=[{"label": "东湖", "value": "e", "label@en": "East"}]),
        part("number", "n", appearance={"suffixAdorner": "%"}),
        part("expression", "twice", expression="=n * 2"),
    )
    view = form_view(BoundForm(definition, context(), None, {"city": "e", "n": Decimal("1.5")}))
    assert [item.shown_value for item in view.items] == ["East", "1.5%", "3"]


def test_texts_are_filled_in_and_cannot_carry_markup_of_a_value() -> None:
    definition = form(
        part("text", "", text="Hello **{{ name }}**"),
        part("html", "", content="<p>{{ name }}</p><script>x</script>"),
        part("text", "", text='="Sum " + string(1 + 1)'),
    )
    view = form_view(BoundForm(definition, context(name="<b onclick=x>Li</b>"), None, {}))
    assert view.items[0].html == "<p>Hello <strong>&lt;b onclick=x&gt;Li&lt;/b&gt;</strong></p>"
    assert view.items[1].html == "<p>&lt;b onclick=x&gt;Li&lt;/b&gt;</p>"
    assert view.items[2].html == "<p>Sum 2</p>"


def test_a_table_shows_rows_of_the_case() -> None:
    table = part(
        "table",
        "",
        dataSource="=people",
        columns=[{"key": "name", "label": "姓名", "label@en": "Name"}, {"key": "age"}],
        rowCount=1,
    )
    people = [{"name": "Li", "age": 5}, {"name": "Wu"}]
    view = form_view(BoundForm(form(table), context(people=people), None, {}))
    shown = view.items[0].table
    assert shown is not None
    assert shown.headings == ["Name", "age"]
    assert shown.rows == [["Li", "5"], ["Wu", "–"]]
    assert shown.first == 1


def test_a_picture_comes_from_this_site_only() -> None:
    definition = form(
        part("image", "", source="/static/a.png", alt="A"),
        part("image", "", source="https://elsewhere.example/a.png"),
    )
    view = form_view(BoundForm(definition, context(), None, {}))
    assert [item.value for item in view.items] == ["/static/a.png", ""]


def test_a_list_has_a_blank_row_to_copy_unless_it_is_fixed() -> None:
    view = form_view(BoundForm(form(LINES), context(), None, {"lines": [{"why": "x"}]}))
    blank = view.items[0].blank
    assert blank is not None
    field = blank.item("why")
    assert field is not None
    assert field.anchor == f"f-lines-{blank.number}-why"
    fixed = form({**LINES, "allowAddRemove": False})
    assert form_view(BoundForm(fixed, context(), None, {})).items[0].blank is None


def test_a_read_only_form_locks_every_field() -> None:
    bound = BoundForm(form(part("textfield", "a"), LINES), context(), None, {}, read_only=True)
    view = form_view(bound)
    assert [item.locked for item in view.items] == [True, True]
    assert view.items[1].blank is None


def test_an_unknown_type_is_a_notice() -> None:
    view = form_view(BoundForm(form(part("hologram", "h")), context(), None, {}))
    assert [item.kind for item in view.items] == ["unknown"]
