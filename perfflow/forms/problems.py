"""What is wrong with a submission: a code on a field, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfflow.feel import FeelError
from perfflow.forms.definition import Text
from perfflow.i18n import as_language, translate
from perfflow.kernel.errors import RuleViolation, RuleViolations


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem; ``path`` counts rows as the values do (``lines.2.weight``), "" is the form."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    label: Text = field(default_factory=Text)
    message: Text = field(default_factory=Text)

    def sentence(self, language: str) -> str:
        """The problem and the way out."""
        if self.message:
            return self.message.within(language)
        return translate(self.code, self._params(), as_language(language) or "zh")

    def as_violation(self) -> RuleViolation:
        """The problem as an error of the house (for callers without a page)."""
        params = self._params()
        if self.message:
            said = _both(self.message)
            return RuleViolation("forms.rule_says", field=self.path or None, message=said)
        return RuleViolation(self.code, field=self.path or None, **params)

    def _params(self) -> dict[str, Any]:
        params = {
            name: _both(value) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        return {"label": _both(self.label), **params}


def formula_failed(path: str, error: FeelError, label: Text) -> FieldError:
    """A formula of the form was stopped: said at the field that depends on it."""
    reason = Text(error.message_zh, error.message_en)
    return FieldError(path, "forms.formula_failed", {"reason": reason}, label)


def _both(text: Text) -> dict[str, str]:
    """A text as a parameter that is worded in the reader's language."""
    return {"zh": text.within("zh"), "en": text.within("en")}


def errors_of(violation: RuleViolation) -> list[FieldError]:
    """The field errors behind a rule that a room found broken."""
    several = violation.violations if isinstance(violation, RuleViolations) else [violation]
    return [FieldError(one.field or "", one.code, one.params) for one in several]
