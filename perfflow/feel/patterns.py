"""The regular expressions of ``matches``, ``replace`` and ``split`` on a linear-time engine."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.pattern_matcher import Matcher
from perfflow.feel.pattern_reader import PatternError, PatternReader, write

_MAX_PATTERN = 1000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 19


class Pattern:
    """A compiled pattern of the three functions that take one."""

    def __init__(self, text: str, flags: str) -> None:
        reader = PatternReader(text, flags)
        self.text = text
        self.tree = reader.read()
        self.groups = reader.groups
        self.literal = reader.literal
        self.ignore_case = "i" in flags
        self.compiled = None if reader.has_back else re2.compile(self._source(), _OPTIONS)

    def _source(self) -> str:
        source = write(self.tree)
        return f"(?i:{source})" if self.literal and self.ignore_case else source

    def _matches(self, run: Run, text: str) -> Any:
        if self.compiled is not None:
            run.charge(len(text) >> 3)
            return self.compiled.finditer(text)
        return Matcher(self.tree, text, run, ignore_case=self.ignore_case).finditer()

    def search(self, run: Run, text: str) -> bool:
        if self.compiled is not None:
            run.charge(len(text) >> 3)
            return self.compiled.search(text) is not None
        return next(self._matches(run, text), None) is not None

    def replace(self, run: Run, text: str, replacement: str) -> str:
        if self.literal:
            parts: list[Any] = [replacement]
        else:
            parts = _replacement(replacement, self.groups)
        self._must_not_match_nothing(run)
        result, end, total = [], 0, 0
        for match in self._matches(run, text):
            run.charge(2)
            piece = "".join(
                part if isinstance(part, str) else match.group(part) or "" for part in parts
            )
            result += [text[end : match.start()], piece]
            total += len(piece)
            run.charge_text(total)
            end = match.end()
        return "".join([*result, text[end:]])

    def split(self, run: Run, text: str) -> list[str]:
        self._must_not_match_nothing(run)
        result, end = [], 0
        for match in self._matches(run, text):
            run.charge(2)
            result.append(text[end : match.start()])
            end = match.end()
        return [*result, text[end:]]

    def _must_not_match_nothing(self, run: Run) -> None:
        if self.search(run, ""):
            raise NullResult("feel.pattern", value=self.text)


def _replacement(text: str, groups: int) -> list[Any]:
    """The pieces of a replacement: texts and group numbers (``$1``); a backslash escapes."""
    parts: list[Any] = []
    index = 0
    while index < len(text):
        char = text[index]
        following = text[index + 1 : index + 2]
        if char == "\\":
            if following not in ("\\", "$") or not following:
                raise NullResult("feel.pattern", value=text)
            parts.append(following)
            index += 2
        elif char == "$":
            if not following.isdigit():
                raise NullResult("feel.pattern", value=text)
            end = index + 2
            while (
                end < len(text) and text[end].isdigit() and int(text[index + 1 : end + 1]) <= groups
            ):
                end += 1
            number = int(text[index + 1 : end])
            parts.append(number if number <= groups else "")
            index = end
        else:
            parts.append(char)
            index += 1
    return parts


@lru_cache(maxsize=64)
def _compile(text: str, flags: str) -> Any:
    try:
        return Pattern(text, flags)
    except (PatternError, re2.error, RecursionError, ValueError):
        return None


def find(run: Run, text: str, flags: str) -> Any:
    """The pattern, or :class:`NullResult` when the text is none."""
    if len(text) > _MAX_PATTERN:
        raise NullResult("feel.pattern", value=text[:60] + "…")
    run.charge(20)
    found = _compile(text, flags)
    if found is None:
        raise NullResult("feel.pattern", value=f"{text} {flags}".strip())
    return found
