"""Builds small DMN files for tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def text(content: str) -> str:
    return f"<literalExpression><text>{escape(content)}</text></literalExpression>"


def input_data(name: str, kind: str = "") -> str:
    reference = f' typeRef="{kind}"' if kind else ""
    return (
        f'<inputData id="in-{name}" name="{name}"><variable name="{name}"{reference}/></inputData>'
    )


def decision(name: str, logic: str, needs: Sequence[str] = (), kind: str = "") -> str:
    """``needs`` are ids: ``in-x`` inputs, ``bkm-x`` and ``ds-x`` functions, else decisions."""
    reference = f' typeRef="{kind}"' if kind else ""
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"{reference}/>'
        f"{requirements(needs)}{logic}</decision>"
    )


def requirements(needs: Sequence[str]) -> str:
    parts = []
    for need in needs:
        if need.startswith(("bkm-", "ds-")):
            inner = f'<requiredKnowledge href="#{need}"/>'
            parts.append(f"<knowledgeRequirement>{inner}</knowledgeRequirement>")
        else:
            tag = "requiredInput" if "in-" in need else "requiredDecision"
            href = need if "#" in need else f"#{need}"
            parts.append(f'<informationRequirement><{tag} href="{href}"/></informationRequirement>')
    return "".join(parts)


def knowledge(name: str, parameters: Sequence[str], logic: str, needs: Sequence[str] = ()) -> str:
    formal = "".join(f'<formalParameter name="{p}"/>' for p in parameters)
    return (
        f'<businessKnowledgeModel id="bkm-{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{requirements(needs)}"
        "</businessKnowledgeModel>"
    )


def table(
    inputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    outputs: Sequence[str] = ("result",),
    input_values: Sequence[str] = (),
    output_values: Sequence[str] = (),
    defaults: Sequence[str] = (),
) -> str:
    """A decision table; each rule holds its input cells and then its output cells."""
    parts = [f'<decisionTable hitPolicy="{policy}"']
    parts.append(f' aggregation="{aggregation}">' if aggregation else ">")
    for index, expression in enumerate(inputs):
        allowed = input_values[index] if index < len(input_values) else ""
        limits = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
        inner = f"<inputExpression><text>{escape(expression)}</text></inputExpression>"
        parts.append(f"<input>{inner}{limits}</input>")
    for index, name in enumerate(outputs):
        allowed = output_values[index] if index < len(output_values) else ""
        inner = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
        if index < len(defaults):
            default = f"<text>{escape(defaults[index])}</text>"
            inner += f"<defaultOutputEntry>{default}</defaultOutputEntry>"
        parts.append(f'<output name="{name}">{inner}</output>')
    for number, rule in enumerate(rules, 1):
        cells = "".join(
            f"<{tag}><text>{escape(cell)}</text></{tag}>"
            for tag, cell in zip(
                ["inputEntry"] * len(inputs) + ["outputEntry"] * len(outputs), rule, strict=True
            )
        )
        parts.append(f'<rule id="rule-{number}">{cells}</rule>')
    return "".join([*parts, "</decisionTable>"])


def item(
    name: str, kind: str = "", *, allowed: str = "", many: bool = False, inner: str = ""
) -> str:
    limits = f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    reference = f"<typeRef>{kind}</typeRef>" if kind else ""
    collection = ' isCollection="true"' if many else ""
    return f'<itemDefinition name="{name}"{collection}>{reference}{limits}{inner}</itemDefinition>'


def model(*parts: str, namespace: str = "urn:test", version: str = NAMESPACE) -> bytes:
    body = "".join(parts)
    head = f'<definitions xmlns="{version}" id="m" name="m" namespace="{namespace}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{body}</definitions>'.encode()
