"""Whatever comes in as a file is answered: in time, in memory, and without taking others along."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from perfflow.workflow.definitions import limited
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.gate import check_files
from perfflow.workflow.definitions.limited import check_limited
from perfflow.workflow.definitions.status import status_of
from tests.workflow.building import line, node, process, timer, user_task

BODY = (
    node("startEvent", "begun")
    + user_task("work", due="=now() + duration(&quot;P1D&quot;)")
    + node("boundaryEvent", "late", timer("PT1H"), attachedToRef="work")
    + node("exclusiveGateway", "choose", default="choose-to-done")
    + node("endEvent", "done")
    + line("begun", "work", "choose", "done")
    + line("late", "choose", "work")
)
GOOD = process(BODY)
PATH = "processes/trial.bpmn"
Check = Callable[[Mapping[str, bytes], Any], list[Finding]]


def test_a_check_in_a_child_says_what_a_check_says() -> None:
    files = {PATH: GOOD, "processes/bad.bpmn": GOOD.replace(b'targetRef="done"', b"")}
    here, there = check_files(files), check_limited(files)
    assert [(f.code, f.path, f.element, f.line, f.message("zh")) for f in here] == [
        (f.code, f.path, f.element, f.line, f.message("zh")) for f in there
    ]


def test_groups_are_asked_for_in_the_child_too() -> None:
    files = {PATH: process(BODY.replace('assignee="E1"', 'candidateGroups="tellers"'))}
    assert "WF-404" in {f.code for f in check_limited(files, lambda name: False)}
    assert "WF-404" not in {f.code for f in check_limited(files, lambda name: True)}


def replaced(monkeypatch: pytest.MonkeyPatch, bad: Check) -> None:
    """Let the check go wrong for files that hold the word."""

    def check(files: Mapping[str, bytes], known_group: Any = None) -> list[Finding]:
        if any(b"evil" in content for content in files.values()):
            return bad(files, known_group)
        return check_files(files, known_group)

    monkeypatch.setattr(limited, "check_files", check)


def endless(files: Mapping[str, bytes], known_group: Any) -> list[Finding]:
    while True:
        pass


def hungry(files: Mapping[str, bytes], known_group: Any) -> list[Finding]:
    return [bytearray(1 << 24) for _ in range(1 << 10)]  # type: ignore[misc]


def failing(files: Mapping[str, bytes], known_group: Any) -> list[Finding]:
    raise RuntimeError("no such luck")


def killed(files: Mapping[str, bytes], known_group: Any) -> list[Finding]:
    signal.raise_signal(signal.SIGKILL)
    return []


@pytest.mark.parametrize("bad", [endless, hungry, failing, killed])
def test_a_file_over_the_limits_is_refused_and_named_and_the_others_are_checked(
    bad: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limited, "CPU_SECONDS", 1)
    replaced(monkeypatch, bad)
    began = time.monotonic()
    found = check_limited({PATH: GOOD, "processes/evil.bpmn": b"evil"})
    assert [(f.code, f.path) for f in found] == [("WF-008", "processes/evil.bpmn")]
    assert status_of(found) == "refused"
    assert "1" in found[0].message("en")
    assert time.monotonic() - began < limited.WALL_SECONDS


def test_a_child_that_says_nothing_for_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def asleep(files: Mapping[str, bytes], known_group: Any) -> list[Finding]:
        time.sleep(60)
        return []

    monkeypatch.setattr(limited, "WALL_SECONDS", 0.5)
    replaced(monkeypatch, asleep)
    assert [f.code for f in check_limited({PATH: b"evil"})] == ["WF-008"]


def damaged(number: int) -> bytes:
    """The good file with some damage; the same number gives the same damage."""
    dice = random.Random(number)
    content = bytearray(GOOD)
    kind = number % 5
    if kind == 0:
        for _ in range(dice.randrange(1, 12)):
            content[dice.randrange(len(content))] = dice.randrange(256)
    elif kind == 1:
        del content[dice.randrange(len(content)) :]
    elif kind == 2:
        first, second = sorted(dice.sample(range(len(content)), 2))
        content[first:second] = content[first:second] * 2
    elif kind == 3:
        words = [b"userTask", b"startEvent", b"sequenceFlow", b"work", b"done", b"PT1H", b"late"]
        old, new = dice.sample(words, 2)
        return bytes(content).replace(old, new, dice.randrange(1, 4))
    else:
        encoding = dice.choice(["utf-16", "utf-32", "gb18030", "latin-1"])
        text = GOOD.decode().replace("UTF-8", dice.choice([encoding, "UTF-8", "no-such"]))
        return text.encode(encoding, "replace")
    return bytes(content)


@pytest.mark.parametrize("number", range(250))
def test_damaged_files_are_answered_in_both_languages(number: int) -> None:
    for finding in check_files({PATH: damaged(number)}):
        assert finding.message("zh")
        assert finding.message("en")
        assert finding.remedy("en")


def test_random_bytes_are_refused() -> None:
    dice = random.Random(7)
    for size in (0, 1, 10, 1_000, 100_000):
        assert status_of(check_files({PATH: dice.randbytes(size)})) == "refused"
