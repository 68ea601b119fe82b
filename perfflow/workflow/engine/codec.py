"""Token states as small canonical bytes: numbers instead of names, no history.

A state is the frame of the process: its tokens in the order of the file, each with the frames
that it holds open. Where tokens came from is forgotten, so equal places are equal bytes.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from itertools import count
from typing import Any

from perfflow.workflow.engine.graph import SpecIndex
from perfflow.workflow.engine.tokens import Frame, Kind, Token

STATE_VERSION = 2
KINDS: tuple[Kind, ...] = ("process", "sub", "call", "instance", "handler")


def state_hash(blob: bytes) -> str:
    """The name under which a state is stored."""
    return blake2b(blob, digest_size=20).hexdigest()


def encode(root: Frame | None, index: SpecIndex) -> bytes:
    """The bytes of where the tokens are; ``root`` is None when the process is over."""
    rows = None if root is None else _frame_row(root, index)
    return json.dumps([STATE_VERSION, rows], separators=(",", ":"), sort_keys=True).encode()


def settle(root: Frame) -> None:
    """Bring tokens into the order of the file; those at the same node keep theirs."""
    numbers = root.graph.numbers
    root.tokens.sort(key=lambda token: (numbers[token.element.id], token.notes.get("via", 0)))
    for token in root.tokens:
        for frame in token.frames:
            settle(frame)


def _frame_row(frame: Frame, index: SpecIndex) -> list[Any]:
    outer = "" if frame.holder is None else frame.holder.scope
    row: list[Any] = [
        KINDS.index(frame.kind),
        frame.scope.removeprefix(outer).removeprefix("/"),
        [_token_row(token, index) for token in frame.tokens],
    ]
    if frame.notes:
        row.append(frame.notes)
    return row


def _token_row(token: Token, index: SpecIndex) -> Any:
    number = token.graph.numbers[token.element.id]
    if not token.notes and not token.frames:
        return number
    return [number, token.notes, *(_frame_row(frame, index) for frame in token.frames)]


def decode(blob: bytes, index: SpecIndex, main: str) -> Frame | None:
    """The frame of the process with all its tokens at rest; None when it is over."""
    version, row = json.loads(blob)
    if version != STATE_VERSION:
        raise ValueError(f"expected token state version {STATE_VERSION} but got {version}")
    return None if row is None else _Reader(index).frame(row, main, None)


class _Reader:
    """Builds frames; tokens and frames get their numbers in the order of the state."""

    def __init__(self, index: SpecIndex) -> None:
        self.index = index
        self.numbers = count(1)

    def frame(self, row: list[Any], main: str, holder: Token | None) -> Frame:
        kind = KINDS[row[0]]
        outer = "" if holder is None else holder.scope
        scope = "/".join(part for part in (outer, row[1]) if part)
        if holder is None:
            graph = self.index.graphs[main]
        elif kind == "call":
            graph = self.index.graphs[holder.element.called_process or ""]
        else:
            graph = holder.graph
        frame = Frame(kind, graph, scope, next(self.numbers), holder)
        frame.notes = row[3] if len(row) > 3 else {}
        frame.tokens = [self.token(item, frame, main) for item in row[2]]
        return frame

    def token(self, row: Any, frame: Frame, main: str) -> Token:
        number, notes, inner = row, {}, []
        if isinstance(row, list):
            number, notes, *inner = row
        token = Token(frame.graph.nodes[number], frame, next(self.numbers), notes, is_resting=True)
        token.frames = [self.frame(item, main, token) for item in inner]
        return token
