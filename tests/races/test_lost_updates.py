"""Many writers at once: no update is lost, no half of an action is seen."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Column, insert, Integer, MetaData, select, Table, update

from perfflow.db import Database

WRITERS = 32
UPDATES = 10

tables = MetaData()
counter = Table(
    "race_counter", tables, Column("id", Integer, primary_key=True), Column("n", Integer)
)


def _add_one(database: Database) -> None:
    """Read, compute, write back: loses updates wherever two transactions may overlap."""
    with database.writing() as session:
        row = select(counter.c.n).where(counter.c.id == 1)
        n = session.scalar(row.with_for_update())
        assert n is not None
        session.execute(update(counter).where(counter.c.id == 1).values(n=n + 1))


def _run_together(job: object, writers: int) -> list[BaseException]:
    errors: list[BaseException] = []
    gate = threading.Barrier(writers)

    def work() -> None:
        gate.wait()
        try:
            job()  # type: ignore[operator]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.fixture
def counted(database: Database) -> Database:
    tables.create_all(database.engine)
    with database.writing() as session:
        session.execute(insert(counter).values(id=1, n=0))
    return database


@pytest.mark.both_databases
def test_thirty_two_writers_lose_no_update(counted: Database) -> None:
    def job() -> None:
        for _ in range(UPDATES):
            _add_one(counted)

    assert _run_together(job, WRITERS) == []
    with counted.reading() as session:
        assert session.scalar(select(counter.c.n)) == WRITERS * UPDATES


def test_a_reader_sees_one_state_while_writers_work(counted: Database) -> None:
    with counted.reading() as session:
        before = session.scalar(select(counter.c.n))
        assert _run_together(lambda: _add_one(counted), 4) == []
        assert session.scalar(select(counter.c.n)) == before
    with counted.reading() as session:
        assert session.scalar(select(counter.c.n)) == 4


@pytest.mark.both_databases
def test_an_error_in_a_unit_of_work_leaves_nothing_behind(counted: Database) -> None:
    def half_an_action() -> None:
        with counted.writing() as session:
            session.execute(update(counter).values(n=99))
            raise LookupError("the second half fails")

    with pytest.raises(LookupError):
        half_an_action()
    with counted.reading() as session:
        assert session.scalar(select(counter.c.n)) == 0
