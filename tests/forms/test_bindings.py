"""Bindings: first values, extra fields beside the known ones, and broken rules on their fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from perfflow.forms import (
    binding_of,
    bindings,
    Evidence,
    EvidenceRow,
    form_binding,
    form_lookup,
    FormBinding,
    FormContext,
    FormDefinition,
    Option,
    Text,
    validate,
)
from perfflow.kernel.errors import RuleViolation, RuleViolations
from tests.forms.building import codes, context, form, page, part


class SheetBinding(FormBinding):
    """Knows two columns of its rows and one field."""

    fields = frozenset({"comment", "lines", "lines.metric", "lines.weight"})
    required = frozenset({"lines.weight"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"lines": [{"metric": "R01", "weight": Decimal(100)}]}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        rows = ((Text("去年", "Last year"), Decimal(968), "CORE", date(2026, 1, 5)),)
        return [Evidence(Text("依据", "Evidence"), rows)]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings, "_BINDINGS", {})
    monkeypatch.setattr(bindings, "_LOOKUPS", {})
    form_binding("probe.sheet")(SheetBinding)


def sheet() -> FormDefinition:
    return form(
        part(
            "dynamiclist",
            "lines",
            children=[
                part("textfield", "metric", readonly=True),
                part("number", "weight"),
                part("textfield", "region"),
            ],
        ),
        part("textarea", "comment"),
        part("textfield", "mood"),
        binding="probe.sheet",
    )


def test_the_room_gives_the_first_values() -> None:
    outcome = validate(sheet(), page(("f-lines", "0"), ("f-lines-0-weight", "90")), context())
    assert outcome.values["lines"][0]["metric"] == "R01"


def test_variables_of_the_process_do_not_leak_into_a_bound_form() -> None:
    outcome = validate(sheet(), {}, context(comment="from an earlier step"))
    assert outcome.values["comment"] is None


def test_fields_beyond_the_binding_come_as_extra_of_the_form_and_of_each_row() -> None:
    sent = {"lines": [{"weight": 100, "region": "east"}], "comment": "c", "mood": "fine"}
    outcome = validate(sheet(), sent, context())
    assert outcome.errors == []
    assert outcome.values == {
        "lines": [{"metric": "R01", "weight": Decimal(100), "extra": {"region": "east"}}],
        "comment": "c",
        "extra": {"mood": "fine"},
    }


def test_without_a_binding_values_start_from_the_process_and_stay_together() -> None:
    definition = form(part("textfield", "note", readonly=True), part("textfield", "more"))
    outcome = validate(definition, {"more": "x"}, context(note="known", other="unseen"))
    assert outcome.values == {"note": "known", "more": "x"}


def test_broken_rules_of_the_room_land_on_their_fields() -> None:
    outcome = validate(sheet(), {"lines": [{"weight": 90}]}, context())
    outcome.attach(
        RuleViolations(
            [
                RuleViolation("goals.weights_sum", field="lines", got=9000),
                RuleViolation("goals.too_heavy", field="lines.0.weight"),
            ]
        )
    )
    assert codes(outcome) == [("lines", "goals.weights_sum"), ("lines.0.weight", "goals.too_heavy")]
    assert not outcome.is_valid


def test_a_name_belongs_to_one_binding() -> None:
    form_binding("probe.sheet")(SheetBinding)
    with pytest.raises(ValueError, match=r"expected one binding named probe\.sheet"):

        @form_binding("probe.sheet")
        class _Other(FormBinding):
            pass


def test_a_form_knows_its_binding() -> None:
    assert isinstance(binding_of(sheet()), SheetBinding)
    assert binding_of(form(part("textfield", "a"))) is None


def test_evidence_rows_have_one_shape_however_they_were_written() -> None:
    [panel] = SheetBinding().evidence(context())
    assert panel.lines() == [
        EvidenceRow(Text("去年", "Last year"), Decimal(968), "CORE", date(2026, 1, 5))
    ]


def test_a_binding_that_does_nothing_is_complete() -> None:
    nothing = FormBinding()
    assert nothing.load(context()) == {}
    assert nothing.store(context(), {}) is None
    assert nothing.evidence(context()) == []


def test_a_look_up_offers_what_the_room_knows() -> None:
    @form_lookup("people")
    def people(ctx: FormContext) -> list[Option]:
        return [Option("E00001", Text("沈知夏", "Shen Zhixia"))]

    definition = form(part("select", "who", props={"lookup": "people"}))
    assert validate(definition, {"who": "E00001"}, context()).values == {"who": "E00001"}
    assert codes(validate(definition, {"who": "E99999"}, context())) == [
        ("who", "forms.not_an_option")
    ]
