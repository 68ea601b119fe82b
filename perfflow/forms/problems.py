"""What is wrong with a submission: a code on a field, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
        params = {
            name: value.within(language) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        label = self.label.within(language)
        return translate(self.code, {"label": label, **params}, as_language(language) or "zh")

    def as_violation(self) -> RuleViolation:
        """The problem as an error of the house (for callers without a page)."""
        label = self.label.within("zh")
        return RuleViolation(self.code, field=self.path or None, **{"label": label, **self.params})


def errors_of(violation: RuleViolation) -> list[FieldError]:
    """The field errors behind a rule that a room found broken."""
    several = violation.violations if isinstance(violation, RuleViolations) else [violation]
    return [FieldError(one.field or "", one.code, one.params) for one in several]
