"""The list of all codes of findings, with their severity and the clause that a rule rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfflow.forms.findings import CATALOGUE as FORM_CODES
from perfflow.i18n import translate
from perfflow.i18n.catalogues import catalogues
from perfflow.workflow.definitions.constraints import RULES

WARNINGS = (
    "WF-114", "WF-121", "WF-125", "WF-128", "WF-204", "WF-205", "WF-308", "WF-401", "WF-403",
    "WF-405", "WF-902",
)  # fmt: skip
NOTES = ("WF-901", "WF-904", "WF-905")
# A missing rung of a ladder or a moved value is an error; a name that only informs is a warning.
BOTH = ("WF-404", "WF-502", "WF-503", "WF-504", "WF-505", "WF-903")
_FILLED = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
_CODE = re.compile(r"workflow\.finding\.(WF-\d{3})")
STANDARD = "BPMN 2.0, {}"


def all_codes() -> Iterator[tuple[str, str, str]]:
    """Code, severity and clause of the standard (empty for our own rules), sorted by code."""
    messages = catalogues().messages["en"]
    listed = {match[1]: ("error", "") for match in map(_CODE.fullmatch, messages) if match}
    listed |= dict.fromkeys(WARNINGS, ("warning", ""))
    listed |= dict.fromkeys(NOTES, ("info", ""))
    listed |= dict.fromkeys(BOTH, ("error or warning", ""))
    for rule in RULES:
        severity = "error or warning" if rule.is_repetition else "error"
        listed[rule.code] = (severity, STANDARD.format(rule.section))
    for code, (severity, _, _) in FORM_CODES.items():
        listed[code] = (severity, "")
    for code in sorted(listed):
        yield (code, *listed[code])


def codes_as_markdown() -> str:
    """The reference page about the codes."""
    rows = [
        f"| `{code}` | {severity} | {_text(code, 'en')} | {_text(code, 'zh')} | {clause} |"
        for code, severity, clause in all_codes()
    ]
    return "\n".join([INTRODUCTION, *rows])


def _text(code: str, language: str) -> str:
    if code in FORM_CODES:
        text = FORM_CODES[code][1 if language == "zh" else 2]
    else:
        text = translate(f"workflow.finding.{code}", {}, "zh" if language == "zh" else "en")
    return _FILLED.sub(r"‹\1\2›", text).replace("|", "\\|")


INTRODUCTION = """# Findings of the deploy gate

`perfflow lint`, `perfflow deploy` and the page *Deployments* say what is wrong with a file: a code,
a severity, the element and line, a sentence and a remedy in Chinese and English.

- **error**: the file cannot be executed as drawn. It is not deployable.
- **warning**: it can be executed, but somebody should look.
- **info** (`note` in `perfflow deploy`): something was left out or translated on purpose.

A file without errors is **accepted**. A well-formed file with errors is a **draft**: it is kept and
shown with its findings, and cannot be deployed. A file that is hostile, over the limits (2 MB,
20,000 elements, 200 levels, 5 s, 512 MB) or not what its name says is **refused** and not kept:
`WF-001` to `WF-008`, `WF-501`, `FM-001`, `FM-002`.

`WF-0xx` are about the file as such, `WF-1xx` about its shape, `WF-2xx` about messages and errors,
`WF-3xx` about expressions and timers, `WF-4xx` about people, forms, services and calls, `WF-5xx`
about decisions, `WF-6xx` and `WF-7xx` about the rules of the BPMN 2.0 standard (the clause is
named), `WF-9xx` about what is translated or not executed, `FM-xxx` about forms. In files of our
dialect, lists of flows that do not agree (`WF-613`, `WF-614`) are warnings: `sourceRef` and
`targetRef` decide.

This page is printed by `perfflow lint --codes`; ‹…› stands for what a finding fills in.

| code | severity | sentence | 说明 | standard |
|---|---|---|---|---|"""
