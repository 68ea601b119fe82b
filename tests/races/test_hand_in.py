"""What a hand-in and an inbox ask of the database, sign-in and session included: ratchets."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bench.stage import build_stage, form_fields, PASSWORD, sheet_body, Stage
from perfflow.db import Database
from tests.conftest import Counting

MOST_OF_A_HAND_IN = 15
MOST_OF_AN_INBOX = 5
pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return build_stage(database, advisors=2, cycles=2, var=str(tmp_path))


def sign_in(stage: Stage, login: str) -> FlaskClient:
    client = stage.app.test_client()
    fields = form_fields(client.get("/login").text, "login")
    client.post("/login", data={**fields, "login": login, "password": PASSWORD})
    return client


def hand_in(client: FlaskClient, task_id: int, body: str) -> int:
    kind = "application/x-www-form-urlencoded"
    return client.post(f"/inbox/tasks/{task_id}", data=body, content_type=kind).status_code


def test_a_goal_sheet_is_one_commit_and_few_statements(
    stage: Stage, count_statements: Counting
) -> None:
    (author, first), *others = stage.open_sheets()
    second = next(task for other, task in others if other == author)
    client = sign_in(stage, author)
    # The first hand-in learns what the process and the catalogue are; from then on it is known.
    assert hand_in(client, first, sheet_body(client.get(f"/inbox/tasks/{first}").text)) == 303
    body = sheet_body(client.get(f"/inbox/tasks/{second}").text)
    with count_statements(stage.database.engine) as counted:
        assert hand_in(client, second, body) == 303
    assert counted.commits == 1
    assert len(counted) <= MOST_OF_A_HAND_IN, str(counted)


def test_a_hand_in_that_is_refused_commits_nothing(
    stage: Stage, count_statements: Counting
) -> None:
    author, task = stage.open_sheets()[0]
    client = sign_in(stage, author)
    body = sheet_body(client.get(f"/inbox/tasks/{task}").text)
    with count_statements(stage.database.engine) as counted:
        assert hand_in(client, task, body.replace("weight=30", "weight=31")) == 422
    assert counted.commits == 0
    assert (author, task) in stage.open_sheets()


def test_an_inbox_is_few_statements(stage: Stage, count_statements: Counting) -> None:
    author, _ = stage.open_sheets()[0]
    client = sign_in(stage, author)
    assert client.get("/inbox/").status_code == 200
    with count_statements(stage.database.engine) as counted:
        assert client.get("/inbox/").status_code == 200
    assert counted.commits == 0
    assert len(counted) <= MOST_OF_AN_INBOX, str(counted)
