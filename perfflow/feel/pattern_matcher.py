"""Matches patterns that refer back to a group, which no linear engine can; every step counts."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from perfflow.feel.evaluation import Run
from perfflow.feel.pattern_reader import Part

Groups = dict[int, tuple[int, int]]
_ANCHORS = {"\\A", "\\z", "(?m:^)", "(?m:$)"}


class Match:
    """Offered like a match of RE2."""

    def __init__(self, text: str, start: int, end: int, groups: Groups) -> None:
        self.text = text
        self._span = (start, end)
        self._groups = {**groups, 0: (start, end)}

    def start(self) -> int:
        return self._span[0]

    def end(self) -> int:
        return self._span[1]

    def group(self, number: int) -> str | None:
        span = self._groups.get(number)
        return self.text[span[0] : span[1]] if span else None


class Matcher:
    """One pattern over one text; backtracking is paid for from the budget of the evaluation."""

    def __init__(self, pattern: Part, text: str, run: Run, *, ignore_case: bool) -> None:
        self.pattern = pattern
        self.text = text
        self.run = run
        self.ignore_case = ignore_case
        self.known: dict[tuple[str, str], bool] = {}

    def finditer(self) -> Iterator[Match]:
        start = 0
        while start <= len(self.text):
            found = next(self._walk(self.pattern, start, {}), None)
            if found is None:
                start += 1
                continue
            end, groups = found
            yield Match(self.text, start, end, groups)
            start = end if end > start else start + 1

    def _walk(self, part: Part, at: int, groups: Groups) -> Iterator[tuple[int, Groups]]:
        self.run.charge(2)
        if part.kind == "text":
            yield from self._single(part.text, at, groups)
        elif part.kind == "seq":
            yield from self._sequence(part.parts, 0, at, groups)
        elif part.kind == "alt":
            for branch in part.parts:
                yield from self._walk(branch, at, groups)
        elif part.kind == "group":
            for end, inner in self._walk(part.parts[0], at, groups):
                yield end, ({**inner, part.number: (at, end)} if part.number else inner)
        elif part.kind == "back":
            yield from self._back(part.number, at, groups)
        else:
            yield from self._repeat(part, 0, at, groups)

    def _single(self, text: str, at: int, groups: Groups) -> Iterator[tuple[int, Groups]]:
        if text in _ANCHORS:
            if self._anchored(text, at):
                yield at, groups
        elif at < len(self.text):
            key = (text, self.text[at])
            if key not in self.known:
                self.known[key] = re2.fullmatch(text, self.text[at]) is not None
            if self.known[key]:
                yield at + 1, groups

    def _anchored(self, text: str, at: int) -> bool:
        if text in ("\\A", "(?m:^)") and at == 0:
            return True
        if text in ("\\z", "(?m:$)") and at == len(self.text):
            return True
        if text == "(?m:^)":
            return self.text[at - 1] == "\n"
        return text == "(?m:$)" and self.text[at] == "\n"

    def _sequence(
        self, parts: list[Part], index: int, at: int, groups: Groups
    ) -> Iterator[tuple[int, Groups]]:
        if index == len(parts):
            yield at, groups
            return
        for end, inner in self._walk(parts[index], at, groups):
            yield from self._sequence(parts, index + 1, end, inner)

    def _back(self, number: int, at: int, groups: Groups) -> Iterator[tuple[int, Groups]]:
        span = groups.get(number)
        wanted = self.text[span[0] : span[1]] if span else ""
        got = self.text[at : at + len(wanted)]
        self.run.charge(len(wanted) >> 3)
        if got == wanted or (self.ignore_case and got.casefold() == wanted.casefold()):
            yield at + len(wanted), groups

    def _repeat(
        self, part: Part, times: int, at: int, groups: Groups
    ) -> Iterator[tuple[int, Groups]]:
        enough = times >= part.least
        if part.lazy and enough:
            yield at, groups
        if part.most is None or times < part.most:
            for end, inner in self._walk(part.parts[0], at, groups):
                if end > at or not enough:
                    yield from self._repeat(part, times + 1, end, inner)
        if enough and not part.lazy:
            yield at, groups
