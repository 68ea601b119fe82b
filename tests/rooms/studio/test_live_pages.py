"""Pages about what runs: rights, moving a token with its consequences, going back, migrating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.workflow import actions, queries
from perfflow.workflow.worker import run_due
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, build_firm, HR, Person
from tests.support.pages import open_pages, Pages
from tests.support.year import JANUARY
from tests.workflow.building import boundary, chain, flow, service, timer

WHY = "步骤合并"
OLD = chain("write", "read", "sign")
NEW = chain("write", "check", "sign")
WHAT = '<zeebe:ioMapping><zeebe:input source="=code" target="code"/></zeebe:ioMapping>'


@dataclass
class Live:
    """One running instance of a small process."""

    pages: Pages
    instance: int

    @property
    def database(self) -> Database:
        return self.pages.database

    @property
    def address(self) -> str:
        return f"/studio/instances/{self.instance}"

    def page(self, person: Person = ADMIN, language: str = "en") -> str:
        reply = self.pages.visit(person, language).get(self.address)
        assert reply.status_code == 200
        return reply.text

    def post(self, path: str, person: Person = ADMIN, **fields: Any) -> Any:
        return self.pages.visit(person).post(path, **fields)

    def open_steps(self) -> list[str]:
        with self.database.reading() as session:
            return [row.element_id for row in queries.open_tasks_of(session, "K1")]

    def deploy(self, content: bytes) -> None:
        with self.database.writing() as session:
            actions.deploy(session, SYSTEM, JANUARY, {"processes/trial.bpmn": content})

    def bundle(self) -> int:
        with self.database.reading() as session:
            row = queries.instance_by_id(session, self.instance)
            assert row is not None
            return int(row.bundle_number)


@pytest.fixture
def live(database: Database) -> Live:
    with database.writing() as session:
        build_firm(session)
        actions.deploy(session, SYSTEM, JANUARY, {"processes/trial.bpmn": OLD})
        instance = actions.start_instance(session, SYSTEM, JANUARY, "trial", "K1", {})
    return Live(open_pages(database, JANUARY, "studio", "studio.live", "inbox"), instance)


@pytest.mark.parametrize(("language", "waits"), [("en", "Waits for"), ("zh", "正在等待")])
def test_an_instance_shows_what_it_waits_for_and_what_happened(
    live: Live, language: str, waits: str
) -> None:
    page = live.page(language=language)
    assert waits in page
    assert "write" in page
    assert "pf-process" in page


@pytest.mark.parametrize("person", [ADVISOR, HR], ids=lambda person: person.name_en)
def test_instances_are_for_process_admins_and_auditors(live: Live, person: Person) -> None:
    visitor = live.pages.visit(person)
    for path in (
        live.address,
        "/studio/processes/trial/instances",
        "/studio/processes/trial/versions",
    ):
        assert visitor.get(path).status_code in (403, 404)


def test_an_auditor_reads_and_changes_nothing(live: Live) -> None:
    assert "Move the token" not in live.page(AUDITOR)
    for path in ("move", "rewind"):
        assert live.post(f"{live.address}/{path}", AUDITOR).status_code == 403
    assert live.post("/studio/processes/trial/migrate", AUDITOR).status_code == 403


def test_consequences_come_first_and_change_nothing(live: Live) -> None:
    fields = {"token": "task 0 write", "target": "sign", "reason": WHY}
    page = live.post(f"{live.address}/move", act="preview", **fields)
    assert page.status_code == 200
    assert "What it would do" in page.text
    assert live.open_steps() == ["write"]
    assert live.post(f"{live.address}/move", **fields).status_code == 303
    assert live.open_steps() == ["sign"]


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "task 0 write", "target": "sign", "reason": ""},
        {"token": "task 0 write", "target": "nowhere", "reason": WHY},
        {"token": "task 0 gone", "target": "sign", "reason": WHY},
        {"token": "", "target": "", "reason": WHY},
        {"token": "task x write", "target": "sign", "reason": WHY},
    ],
)
def test_a_move_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    live: Live, fields: dict[str, str]
) -> None:
    page = live.post(f"{live.address}/move", **fields)
    assert page.status_code in (409, 422)
    assert live.open_steps() == ["write"]
    assert f'value="{fields["reason"]}"' in page.text


def test_an_instance_goes_back_from_its_page(live: Live) -> None:
    live.post(f"{live.address}/move", token="task 0 write", target="sign", reason=WHY)
    assert live.post(f"{live.address}/rewind", position="0", reason=WHY).status_code == 303
    assert live.open_steps() == ["write"]
    assert live.post(f"{live.address}/rewind", position="9", reason=WHY).status_code == 422
    assert live.post(f"{live.address}/rewind", position="x", reason=WHY).status_code == 422


def test_versions_are_shown_side_by_side_with_the_plan(live: Live) -> None:
    live.deploy(NEW)
    page = live.pages.visit(ADMIN).get("/studio/processes/trial/versions").text
    assert "added" in page
    assert "removed" in page
    assert page.count("pf-process") >= 2
    assert "Migrate 1 instance" in page


def test_instances_are_migrated_and_taken_back(live: Live) -> None:
    live.deploy(NEW)
    reply = live.post("/studio/processes/trial/migrate", to="2", reason=WHY)
    assert reply.status_code == 303
    assert live.bundle() == 2
    page = live.pages.visit(ADMIN).get("/studio/processes/trial/versions").text
    assert "Take the migration back" in page
    assert live.post("/studio/migrations/1/undo", reason=WHY + "不成立").status_code == 303
    assert live.bundle() == 1
    assert live.post("/studio/migrations/9/undo", reason=WHY).status_code == 404


def test_a_step_without_a_place_is_mapped_on_the_page(live: Live) -> None:
    live.post(f"{live.address}/move", token="task 0 write", target="read", reason=WHY)
    live.deploy(NEW)
    address = "/studio/processes/trial/versions"
    page = live.pages.visit(ADMIN).get(address).text
    assert "the new version has no such step" in page
    assert 'name="map-read"' in page
    assert live.post("/studio/processes/trial/migrate", to="2", reason=WHY).status_code == 422
    page = live.pages.visit(ADMIN).get(f"{address}?map-read=check").text
    assert "Migrate 1 instance" in page
    fields = {"to": "2", "reason": WHY, "map-read": "check"}
    assert live.post("/studio/processes/trial/migrate", **fields).status_code == 303
    assert live.open_steps() == ["check"]


def test_a_failed_step_is_tried_again_or_left_out(live: Live) -> None:
    failing = service("fail", "testing.fail", WHAT)
    late = boundary("late", "write", timer("PT1H")) + flow("late", "fail") + flow("fail", "sign")
    live.deploy(chain("write", "sign", extra=late + failing))
    with live.database.writing() as session:
        live.instance = actions.start_instance(
            session, SYSTEM, JANUARY, "trial", "K2", {"code": "BROKEN"}
        )
    run_due(live.database, VirtualClock(JANUARY + timedelta(hours=2)))
    page = live.page()
    assert "A step failed" in page
    with live.database.reading() as session:
        (incident,) = queries.incidents(session, live.instance)
    assert incident.failed_at == "fail"
    address = f"{live.address}/incidents/{incident.id}"
    assert live.post(address, act="skip", reason="").status_code == 422
    assert live.post(address, act="skip", reason="供应商接口停用").status_code == 303
    with live.database.reading() as session:
        assert queries.incidents(session, live.instance) == []
        assert [row.element_id for row in queries.open_tasks_of(session, "K2")] == ["sign"]
    assert live.post(address, act="retry").status_code == 404


def test_instances_are_found_by_the_beginning_of_their_key(live: Live) -> None:
    visitor = live.pages.visit(ADMIN)
    assert live.address in visitor.get("/studio/processes/trial/instances?q=K").text
    assert "No instance found" in visitor.get("/studio/processes/trial/instances?q=X").text


@pytest.mark.parametrize(
    "path",
    ["/studio/instances/999", "/studio/processes/other/versions",
     "/studio/processes/trial/versions?from=99", "/studio/processes/trial/versions?to=99"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(live: Live, path: str) -> None:
    assert live.pages.visit(ADMIN).get(path).status_code == 404
