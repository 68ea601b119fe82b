"""The shape of people files (CSV or JSON): units, employees, assignments; errors by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, RAISE, Schema, validate, validates_schema, ValidationError

from perfflow.kernel.errors import BadInput
from perfflow.people.rules import UnitKind


class UnitSchema(Schema):
    """A unit of the tree; parents stand before children."""

    class Meta:
        unknown = RAISE

    code = fields.String(required=True, validate=validate.Length(1, 24))
    name_zh = fields.String(required=True, validate=validate.Length(1, 80))
    name_en = fields.String(required=True, validate=validate.Length(1, 120))
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in UnitKind]))
    parent_code = fields.String(load_default=None, allow_none=True)
    head_no = fields.String(load_default=None, allow_none=True)
    valid_from = fields.Date(required=True)


class EmployeeSchema(Schema):
    """An employee with her first assignment."""

    class Meta:
        unknown = RAISE

    no = fields.String(required=True, validate=validate.Length(1, 16))
    name_zh = fields.String(required=True, validate=validate.Length(1, 40))
    name_en = fields.String(required=True, validate=validate.Length(1, 80))
    email = fields.Email(required=True)
    gender = fields.String(required=True, validate=validate.OneOf(["F", "M"]))
    grade = fields.Integer(required=True, validate=validate.Range(1, 20))
    hired_on = fields.Date(required=True)
    post_code = fields.String(required=True)
    unit_code = fields.String(required=True)
    manager_no = fields.String(load_default=None, allow_none=True)


class AssignmentSchema(Schema):
    """Another assignment of an employee."""

    class Meta:
        unknown = RAISE

    employee_no = fields.String(required=True)
    post_code = fields.String(required=True)
    unit_code = fields.String(required=True)
    manager_no = fields.String(load_default=None, allow_none=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None, allow_none=True)
    fte_bp = fields.Integer(load_default=10000, validate=validate.Range(1, 10000))

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["valid_to"] is not None and data["valid_to"] <= data["valid_from"]:
            raise ValidationError("people.dates_out_of_order", "valid_to")


KINDS: Mapping[str, type[Schema]] = {
    "units": UnitSchema,
    "employees": EmployeeSchema,
    "assignments": AssignmentSchema,
}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row (rows count from 1, the header is not a row)."""

    row: int
    field: str
    code: str
    params: Mapping[str, Any]


def read_people(
    kind: str, file_name: str, content: bytes
) -> tuple[list[dict[str, Any]], list[RowError]]:
    """The rows of a file and the errors in them; an unreadable file raises ``BadInput``."""
    if kind not in KINDS:
        raise BadInput("people.unknown_kind", got=kind)
    schema = KINDS[kind]()
    raw = _json(content) if file_name.lower().endswith(".json") else _csv(content, schema)
    rows: list[dict[str, Any]] = []
    errors: list[RowError] = []
    for number, data in enumerate(raw, start=1):
        try:
            rows.append(schema.load(data))
        except ValidationError as error:
            errors.extend(_errors(number, data, error))
    if not rows and not errors:
        raise BadInput("people.file_empty", file=file_name)
    return rows, errors


def _errors(number: int, data: Any, error: ValidationError) -> Iterable[RowError]:
    found = error.normalized_messages()  # type: ignore[no-untyped-call]
    for name, messages in sorted(found.items()):
        got = str(data.get(name, ""))[:80] if isinstance(data, Mapping) else ""
        for text in messages if isinstance(messages, list) else [str(messages)]:
            if text.startswith("people."):
                code = text
            elif "Missing data" in text:
                code = "people.field_missing"
            elif "Unknown field" in text:
                code = "people.field_unknown"
            else:
                code = "people.field_invalid"
            yield RowError(number, "" if name == "_schema" else name, code, {"got": got})


def _csv(content: bytes, schema: Schema) -> Iterable[dict[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadInput("people.not_utf8") from error
    names = [(name or "").strip() for name in reader.fieldnames or []]
    missing = sorted(
        name for name, found in schema.fields.items() if found.required and name not in names
    )
    if missing:
        raise BadInput("people.column_missing", column=missing[0])
    reader.fieldnames = names
    for record in reader:
        extra = record.pop(None, None)
        row = {key: value.strip() for key, value in record.items() if value and value.strip()}
        yield {**row, "…": str(extra)} if extra else row


def _json(content: bytes) -> Iterable[Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise BadInput("people.not_json") from error
    if not isinstance(data, list):
        raise BadInput("people.not_json")
    return data
