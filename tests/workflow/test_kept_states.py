"""Instances that released versions stored go on under this one, from wherever they stood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perfflow.workflow.engine.codec import STATE_VERSION
from tests.workflow.kept_states import DATA, engine_at, go_on, index_of

KEPT = sorted(DATA.glob("states-*.json"))


@pytest.fixture(params=KEPT, ids=lambda path: path.stem, scope="module")
def kept(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_states_of_this_version_are_kept() -> None:
    assert DATA / f"states-{STATE_VERSION}.json" in KEPT


def test_every_kept_state_can_be_finished_from_where_it_stands(kept: dict[str, Any]) -> None:
    index = index_of(kept["file"])
    finished = 0
    for life in kept["lives"]:
        for start, blob in enumerate(life["states"]):
            engine = engine_at(index, blob)
            for operation in life["operations"][start:]:
                assert not engine.is_completed
                go_on(engine, operation)
            assert engine.is_completed
            finished += 1
    assert finished > 100


def test_a_finished_life_passed_through_every_kind_of_place(kept: dict[str, Any]) -> None:
    places = {key for life in kept["lives"] for _, key, _ in life["operations"]}
    assert {"left", "inside/deep", "sign", "late", "called"} <= places
    assert any("each" in place for place in places)
