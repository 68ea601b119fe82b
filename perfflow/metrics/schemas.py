"""The shape of value files (CSV or JSON): one row a value, each error named by its row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import fields, RAISE, Schema, validate, validates_schema, ValidationError

from perfflow.kernel.errors import BadInput, RuleViolation
from perfflow.kernel.rounding import exact, round_half_up
from perfflow.metrics.periods import period_days

COLUMNS = ("employee_no", "metric_code", "period", "value", "numerator", "denominator", "reason")
REQUIRED = frozenset({"employee_no", "metric_code", "period"})
MAX_ROWS = 1_000_000


class ExactDecimal(fields.Field[Decimal]):
    """A decimal number, written as text or as a number, rounded half-up to six places."""

    default_error_messages = {"invalid": "metrics.not_a_number"}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        text = str(value).strip().replace(",", "").replace("−", "-")
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise self.make_error("invalid") from error
        if isinstance(value, bool) or not number.is_finite() or abs(number.adjusted()) > 12:
            raise self.make_error("invalid")
        return round_half_up(exact(number), 6)


class ValueRowSchema(Schema):
    """One value: ``value``, or ``numerator`` and ``denominator`` for ratios."""

    class Meta:
        unknown = RAISE

    employee_no = fields.String(required=True, validate=validate.Length(1, 16))
    metric_code = fields.String(required=True, validate=validate.Length(1, 8))
    period = fields.String(required=True)
    value = ExactDecimal(load_default=None, allow_none=True)
    numerator = ExactDecimal(load_default=None, allow_none=True)
    denominator = ExactDecimal(load_default=None, allow_none=True)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=400))

    @validates_schema
    def _one_kind(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        try:
            period_days(data.get("period", ""))
        except RuleViolation as error:
            raise ValidationError("metrics.bad_period", "period") from error
        has_parts = data["numerator"] is not None or data["denominator"] is not None
        if has_parts and (data["numerator"] is None or data["denominator"] is None):
            raise ValidationError("metrics.ratio_incomplete", "numerator")
        if has_parts == (data["value"] is not None):
            raise ValidationError("metrics.value_or_ratio", "value")
        if data["denominator"] is not None and data["denominator"] <= 0:
            raise ValidationError("metrics.denominator_not_positive", "denominator")


_SCHEMA = ValueRowSchema(unknown=RAISE)


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row; rows count from 1, the header is not a row."""

    row: int
    field: str
    code: str
    got: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "field": self.field, "code": self.code, "got": self.got}


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One row that can be read."""

    row: int
    employee_no: str
    metric_code: str
    period: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    reason: str | None


def read_rows(file_name: str, content: bytes) -> tuple[list[ValueRow], list[RowError]]:
    """The rows of a CSV or JSON file and the errors in them.

    A file that cannot be read at all raises ``BadInput``; a bad row is only listed.
    """
    raw = _json_rows(content) if file_name.lower().endswith(".json") else _csv_rows(content)
    rows: list[ValueRow] = []
    errors: list[RowError] = []
    for number, data in enumerate(raw, start=1):
        if number > MAX_ROWS:
            raise BadInput("metrics.too_many_rows", limit=MAX_ROWS)
        try:
            loaded = _SCHEMA.load(data)
        except ValidationError as error:
            errors.extend(_row_errors(number, data, error))
            continue
        rows.append(ValueRow(row=number, **loaded))
    return rows, errors


def _row_errors(number: int, data: Any, error: ValidationError) -> Iterable[RowError]:
    found = error.normalized_messages()  # type: ignore[no-untyped-call]
    for name, messages in sorted(found.items()):
        texts = messages if isinstance(messages, list) else [str(messages)]
        for text in texts:
            got = str(data.get(name, ""))[:80] if isinstance(data, Mapping) else ""
            yield RowError(number, "" if name == "_schema" else name, _code(text), got)


def _code(text: str) -> str:
    if text.startswith("metrics."):
        return text
    if "Missing data" in text or "not be null" in text:
        return "metrics.field_missing"
    if "Unknown field" in text:
        return "metrics.field_unknown"
    return "metrics.field_invalid"


def _csv_rows(content: bytes) -> Iterable[dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("metrics.not_utf8") from error
    reader = csv.DictReader(io.StringIO(text))
    names = [(name or "").strip() for name in reader.fieldnames or []]
    missing = sorted(REQUIRED - set(names))
    if missing:
        raise BadInput("metrics.column_missing", column=missing[0])
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown:
        raise BadInput("metrics.column_unknown", column=unknown[0])
    reader.fieldnames = names
    try:
        for record in reader:
            extra = record.pop(None, None)
            row = {key: value.strip() for key, value in record.items() if value and value.strip()}
            yield {**row, "…": str(extra)} if extra else row
    except csv.Error as error:
        raise BadInput("metrics.not_csv", line=reader.line_num) from error


def _json_rows(content: bytes) -> Iterable[Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, ValueError) as error:
        raise BadInput("metrics.not_json") from error
    rows = data.get("values") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise BadInput("metrics.not_json_list")
    return rows
