"""The next version of a card's file: other weights, lines in or out; the rest stays as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput
from perfflow.plans.rules.cards import CardTemplate, parse_card

Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line that the next version shall have: metric, weight in basis points, curve."""

    metric: str
    weight_bp: int
    curve: str


def next_card(text: str, wanted: Sequence[WantedLine]) -> str:
    """The file of a card with exactly the wanted lines and the next version number.

    Lines that stay keep everything else that is written in them, comments too; new lines come
    last. Raises ``BadInput`` when the file cannot be changed this way.
    """
    before = parse_card(load_configuration(text))
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise BadInput("kernel.config_not_mapping", field="card", path="card")
    keys = {key.value: value for key, value in root.value}
    lines = keys.get("lines")
    if not isinstance(lines, yaml.SequenceNode) or lines.flow_style or not lines.value:
        raise BadInput("plans.card_not_editable", field="lines")
    edits = _line_edits(text, lines, {line.metric: line for line in wanted})
    known = {line.metric for line in before.lines}
    added = [line for line in wanted if line.metric not in known]
    end = _line_end(text, _last_index(lines.value[-1]))
    # Without a line break at the end of the file the first new line needs one.
    lead = "" if end and text[end - 1] == "\n" else "\n"
    edits.append((end, end, lead + "".join(map(_written, added)) if added else ""))
    version = keys.get("version")
    if version is None:
        edits.append((0, 0, f"version: {before.version + 1}\n"))
    else:
        edits.append((version.start_mark.index, version.end_mark.index, str(before.version + 1)))
    changed = _applied(text, edits)
    _require(parse_card(load_configuration(changed)), wanted, before.version + 1)
    return changed


def _line_edits(text: str, lines: yaml.SequenceNode, wanted: dict[str, WantedLine]) -> list[Edit]:
    edits: list[Edit] = []
    for item in lines.value:
        fields = {key.value: value for key, value in item.value}
        line = wanted.get(fields["metric"].value)
        if line is None:
            first = text.rfind("\n", 0, item.start_mark.index) + 1
            edits.append((first, _line_end(text, _last_index(item)), ""))
            continue
        weight, curve = fields["weight_bp"], fields.get("curve")
        edits.append((weight.start_mark.index, weight.end_mark.index, str(line.weight_bp)))
        if curve is not None:
            edits.append((curve.start_mark.index, curve.end_mark.index, line.curve))
    return edits


def _last_index(node: yaml.Node) -> int:
    """Where the last written value of a node ends; its own mark reaches into what follows."""
    while isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and node.value:
        if node.flow_style:
            break
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _written(line: WantedLine) -> str:
    return f"  - metric: {line.metric}\n    weight_bp: {line.weight_bp}\n    curve: {line.curve}\n"


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _require(card: CardTemplate, wanted: Sequence[WantedLine], version: int) -> None:
    """What was written is what was wanted; a file of an unusual shape is refused, not guessed."""
    found = {(line.metric, line.weight_bp) for line in card.lines}
    if found != {(line.metric, line.weight_bp) for line in wanted} or card.version != version:
        raise BadInput("plans.card_not_editable", field="lines")
