"""Findings of the deploy gate: a code with parameters, worded in the package's catalogues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from perfflow.i18n import Language, translate

MAX_OF_A_KIND = 200
FORM_TEXT = "sentence_{}"
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file; ``element`` is the id as the file spells it."""

    code: str
    severity: Severity
    path: str
    element: str | None = None
    line: int | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def message(self, language: Language = "zh") -> str:
        """What is wrong, in the reader's language."""
        if FORM_TEXT.format(language) in self.params:
            # The form engine and the decision tables word their findings themselves.
            return str(self.params[FORM_TEXT.format(language)])
        return translate(f"workflow.finding.{self.code}", self._shown, language)

    def remedy(self, language: Language = "zh") -> str:
        """What to do about it."""
        is_form = FORM_TEXT.format(language) in self.params and not self.code.startswith("WF-")
        code = "form" if is_form else self.code
        return translate(f"workflow.finding.{code}.remedy", self._shown, language)

    @property
    def _shown(self) -> dict[str, Any]:
        return {"element": self.element or "", **self.params}

    def as_data(self) -> dict[str, Any]:
        """The finding as JSON values (stored with the bundle, printed by the command line)."""
        return {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "element": self.element,
            "line": self.line,
            "params": {name: str(value) for name, value in self.params.items()},
            "message_zh": self.message("zh"),
            "message_en": self.message("en"),
            "remedy_zh": self.remedy("zh"),
            "remedy_en": self.remedy("en"),
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Finding:
        """The inverse of :meth:`as_data`."""
        return cls(
            data["code"],
            data["severity"],
            data["path"],
            data["element"],
            data["line"],
            dict(data["params"]),
        )


class Findings:
    """Collects findings about one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[Finding] = []
        self._seen: set[str] = set()
        self._counts: Counter[str] = Counter()

    def error(self, code: str, node: Any = None, **params: Any) -> None:
        """The definition cannot be executed as drawn."""
        self._add(code, "error", node, params)

    def warning(self, code: str, node: Any = None, **params: Any) -> None:
        """Executable, but somebody should look."""
        self._add(code, "warning", node, params)

    def note(self, code: str, node: Any = None, **params: Any) -> None:
        """Something was left out or translated on purpose."""
        self._add(code, "note", node, params)

    def _add(self, code: str, severity: Severity, node: Any, params: dict[str, Any]) -> None:
        element, line = (None, None) if node is None else where(node)
        key = f"{code} {element} {line} {params}"
        if key not in self._seen and self._counts[code] < MAX_OF_A_KIND:
            self._seen.add(key)
            self._counts[code] += 1
            self._found.append(Finding(code, severity, self.path, element, line, params))

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self._found)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)


def where(node: Any) -> tuple[str | None, int | None]:
    """Element id (as the file spells it) and line of an XML node or of a parsed element."""
    if hasattr(node, "sourceline"):
        current = node
        while current is not None and current.get("id") is None:
            current = current.getparent()
        if current is None:
            # Nothing around it has an id: the name of the tag is all there is.
            return str(node.tag).rpartition("}")[2], node.sourceline
        return current.get(ORIGINAL_ID, current.get("id")), node.sourceline
    return node.original_id, node.line


ORIGINAL_ID = "{urn:perfflow:normalised}id"
