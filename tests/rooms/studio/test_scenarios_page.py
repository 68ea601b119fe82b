"""The scenarios page: what there is, runs of the running bundle and of a draft, rights."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput, Conflict, RuleViolation
from perfflow.studio import trials
from perfflow.studio.trials import described, run_scenarios
from perfflow.workflow import actions as workflow_actions
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, build_firm, Person, shipped_files
from tests.support.pages import open_pages, Pages
from tests.support.year import JANUARY

FOLDER = "processes/unit-cascade/unit-cascade"
FILE = f"{FOLDER}.scenarios.json"
FILES = {
    path: shipped_files()[path] for path in (f"{FOLDER}.bpmn", FILE, "forms/unit-cascade.form.json")
}
PLACE = "/studio/scenarios"


@pytest.fixture
def pages(database: Database) -> Pages:
    """One process runs, with its form and its scenarios."""
    with database.writing() as session:
        build_firm(session)
        workflow_actions.deploy(session, SYSTEM, JANUARY, FILES)
    return open_pages(database, JANUARY, "studio", "studio.live", "plans")


def told(*steps: list[Any]) -> bytes:
    """A scenario file of one story about the process."""
    story = {"name": "其他 / another", "vars": {"deadlines": {}}, "steps": list(steps)}
    entry = {"file": "unit-cascade.bpmn", "scenarios": [story]}
    return json.dumps({"format": 1, "entries": [entry]}).encode()


def upload(pages: Pages, content: bytes, name: str = "unit-cascade.scenarios.json") -> TestResponse:
    """Put a file into the admin's draft."""
    data = {"files": [(io.BytesIO(content), name)], "folder": ""}
    reply = pages.visit(ADMIN).client.post(
        "/studio/draft", data=data, content_type="multipart/form-data"
    )
    reply.request.environ["wsgi.input"].close()
    return reply


def page(pages: Pages, person: Person = ADMIN, language: str = "en") -> str:
    reply = pages.visit(person, language).get(PLACE)
    assert reply.status_code == 200
    return reply.text


def test_scenarios_are_deployed_with_their_process_and_listed(pages: Pages) -> None:
    shown = page(pages)
    assert "unit-cascade.scenarios.json" in shown
    assert 'data-label="Stories">3<' in shown
    assert "情景测试" in page(pages, language="zh")


def test_a_run_says_what_passed(pages: Pages) -> None:
    reply = pages.visit(ADMIN, "en").post(PLACE, which="running", key="unit-cascade")
    assert reply.status_code == 200
    assert "3 of 3 stories passed" in reply.text
    assert "the head settles the goals in time" in reply.text
    assert "负责人" not in reply.text.partition("<main")[2].partition("stories passed")[2]


def test_a_failing_story_shows_step_expected_and_got(pages: Pages) -> None:
    upload(pages, told(["ntasks", 1], ["ids", ["other-step"]]))
    assert 'id="draft"' in page(pages)
    reply = pages.visit(ADMIN, "en").post(PLACE, which="draft")
    assert "0 of 1 stories passed" in reply.text
    assert "Step 2" in reply.text
    assert "Expected [&#34;other-step&#34;] but got [&#34;cascade-goals&#34;]" in reply.text
    assert "3 of 3" in pages.visit(ADMIN, "en").post(PLACE, which="running").text


def test_a_draft_that_cannot_be_deployed_says_why(pages: Pages) -> None:
    broken = FILES[f"{FOLDER}.bpmn"].replace(b"cycles.close_unit_cascade", b"cycles.no_such")
    upload(pages, broken, "unit-cascade.bpmn")
    reply = pages.visit(ADMIN, "en").post(PLACE, which="draft")
    assert "cycles.no_such" in reply.text
    assert "close-cascade" in reply.text


def test_a_file_of_another_shape_is_named_and_cannot_be_played(pages: Pages) -> None:
    upload(pages, b'{"entries": 1}')
    assert "has another shape" in page(pages)
    reply = pages.visit(ADMIN, "en").post(PLACE, which="draft")
    assert reply.status_code == 400
    assert "has another shape" in reply.text
    assert "/tmp" not in reply.text


@pytest.mark.parametrize("named", ["../../forms/x.bpmn", "/etc/passwd"])
@pytest.mark.parametrize("key", ["file", "more"])
def test_uploaded_scenarios_name_no_files_elsewhere(named: str, key: str) -> None:
    entry = {"file": "x.bpmn", "more": []} | {key: named if key == "file" else [named]}
    content = json.dumps({"entries": [entry]}).encode()
    assert isinstance(described({FILE: content})[0].problem, BadInput)
    with pytest.raises(BadInput):
        run_scenarios({**FILES, FILE: content}, [FILE])


def test_a_run_that_takes_too_long_is_ended_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "LIMIT_SECONDS", 0.2)
    with pytest.raises(RuleViolation):
        run_scenarios(FILES, [FILE])


def test_auditors_read_and_only_admins_play(pages: Pages) -> None:
    assert "unit-cascade.scenarios.json" in page(pages, AUDITOR)
    assert "<button" not in page(pages, AUDITOR).partition("<main")[2].partition("</main")[0]
    assert pages.visit(AUDITOR).post(PLACE, which="running").status_code == 403
    assert pages.visit(ADVISOR).get(PLACE).status_code == 403


def test_a_process_without_scenarios_has_nothing_to_play(pages: Pages) -> None:
    assert pages.visit(ADMIN).post(PLACE, key="no-such-process").status_code == 404


def test_one_run_at_a_time() -> None:
    assert trials._one_at_a_time.acquire(blocking=False)
    try:
        with pytest.raises(Conflict):
            run_scenarios(FILES, [FILE])
    finally:
        trials._one_at_a_time.release()


def test_files_outside_the_folders_of_a_bundle_are_not_written() -> None:
    files = {**FILES, "catalogue/cards/x.yaml": b"x", "elsewhere/y.json": b"y"}
    assert run_scenarios(files, [FILE])["passed"] == 1


def test_reading_a_hostile_file_is_an_error_of_that_file() -> None:
    found = described({FILE: b"[" * 200_000})
    assert isinstance(found[0].problem, BadInput)
