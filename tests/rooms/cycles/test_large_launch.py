"""A large cycle starts in the background: all take part at once, appraisals follow in chunks."""

from __future__ import annotations

import pytest

from perfflow.cycles import queries
from perfflow.jobs import queries as job_queries
from perfflow.jobs import run_waiting
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import ADVISOR
from tests.support.playing import CYCLE, Play


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven people count as many, four as a chunk."""
    monkeypatch.setattr("perfflow.jobs.actions.MOST_AT_ONCE", 10)
    monkeypatch.setattr("perfflow.jobs.actions.now_or_later.__kwdefaults__", {"most": 10})
    monkeypatch.setattr("perfflow.jobs.actions.enqueue.__kwdefaults__", {"chunk": 4})


def appraisals(play: Play) -> int:
    with play.database.reading() as session:
        return len(workflow_queries.instances_of(session, "appraisal", CYCLE))


def test_everybody_takes_part_at_once_and_starts_chunk_by_chunk(play: Play) -> None:
    play.launch()
    with play.database.reading() as session:
        assert len(queries.participants(session, CYCLE)) == 11
        (batch,) = job_queries.batches(session, subject=CYCLE)
        assert (batch.kind, batch.total, batch.done) == ("cycles.job_launch", 11, 0)
    assert appraisals(play) == 0
    run_waiting(play.database, play.now, limit=2)
    assert appraisals(play) == 8
    run_waiting(play.database, play.now)
    assert appraisals(play) == 11
    assert play.is_open("draft-goals", ADVISOR)
