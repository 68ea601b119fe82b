"""The form engine: form files, bindings of the rooms, validation, pages and records."""

from perfflow.forms.bindings import (
    binding_named,
    binding_names,
    binding_of,
    Evidence,
    EvidenceRow,
    form_binding,
    form_lookup,
    FormBinding,
    FormContext,
)
from perfflow.forms.bound import BoundForm
from perfflow.forms.definition import Component, FormDefinition, Option, Text
from perfflow.forms.findings import Finding
from perfflow.forms.gate import check_form
from perfflow.forms.problems import errors_of, FieldError
from perfflow.forms.reading import parse_form
from perfflow.forms.records import export_columns, export_row, record_extra, record_rows
from perfflow.forms.validation import Submission, validate

__all__ = [
    "BoundForm",
    "Component",
    "Evidence",
    "EvidenceRow",
    "FieldError",
    "Finding",
    "FormBinding",
    "FormContext",
    "FormDefinition",
    "Option",
    "Submission",
    "Text",
    "binding_named",
    "binding_names",
    "binding_of",
    "check_form",
    "errors_of",
    "export_columns",
    "export_row",
    "form_binding",
    "form_lookup",
    "parse_form",
    "record_extra",
    "record_rows",
    "validate",
]
