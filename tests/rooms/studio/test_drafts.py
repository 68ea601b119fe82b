"""Drafts: kept when well-formed, shown element by element, refused when hostile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perfflow import cli
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.studio.queries import draft_files
from tests.rooms.studio.test_deployments import (
    BROKEN,
    CHANGED,
    ENTITY,
    GOOD,
    PROCESS,
    Studio,
    studio,
)
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, HR
from tests.workflow.building import node, process, user_task

__all__ = ["studio"]
DRAWN = process(
    node("startEvent", "begun")
    + user_task("work").replace('name="work"', 'name="写总结"')
    + node("exclusiveGateway", "choose")
)


def kept(database: Database) -> dict[str, bytes]:
    """The drafts of the command line."""
    with database.reading() as session:
        return draft_files(session, SYSTEM.name)


@pytest.fixture(autouse=True)
def any_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of a test are made without migrations."""
    monkeypatch.setattr("perfflow.commands.deploy.refuse_other_version", lambda database: None)


def deploy(studio: Studio, folder: Path, name: str, content: bytes) -> int:
    """``perfflow deploy`` of one file; its exit code."""
    file = folder / "processes" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return cli.main(["deploy", str(file), "--database-url", str(studio.database.url)])


def test_a_draft_is_shown_element_by_element_with_a_proposal(studio: Studio) -> None:
    assert studio.upload(("drawn.bpmn", DRAWN)).status_code == 303
    assert "draft, not deployable" in studio.page()
    page = studio.pages.visit(ADMIN, "zh").get("/studio/drafts/mine/processes/drawn/drawn.bpmn")
    assert page.status_code == 200
    assert "写总结" in page.text
    assert "建议：" in page.text
    order = [page.text.index(f"<code>{name}</code>") for name in ("begun", "work", "choose")]
    assert order == sorted(order)


def test_a_file_without_errors_can_be_published_and_says_so(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", CHANGED))
    assert "can be published" in studio.page()
    page = studio.pages.visit(ADMIN).get(f"/studio/drafts/mine/{PROCESS}")
    assert "can be published" in page.text


def test_what_is_refused_is_not_kept_and_its_findings_are_shown(studio: Studio) -> None:
    reply = studio.upload(("unit-cascade.bpmn", CHANGED), ("evil.bpmn", ENTITY))
    assert reply.status_code == 422
    assert "WF-002" in reply.text
    assert "root:" not in reply.text
    assert studio.draft() == {}


def test_the_command_line_keeps_a_draft_for_the_studio(studio: Studio, tmp_path: Path) -> None:
    assert deploy(studio, tmp_path, "drawn/drawn.bpmn", DRAWN) == 1
    assert list(kept(studio.database)) == ["processes/drawn/drawn.bpmn"]
    page = studio.page()
    assert "Kept drafts" in page
    assert studio.bundle() == 1
    report = studio.pages.visit(ADMIN).get("/studio/drafts/kept/processes/drawn/drawn.bpmn")
    assert re.search(r"<code>begun</code>", report.text)


def test_a_kept_draft_is_taken_over_by_an_admin(studio: Studio, tmp_path: Path) -> None:
    deploy(studio, tmp_path, "drawn/drawn.bpmn", DRAWN)
    reply = studio.pages.visit(ADMIN).post("/studio/drafts/take", path="processes/drawn/drawn.bpmn")
    assert reply.status_code == 303
    assert kept(studio.database) == {}
    assert studio.draft() == {"processes/drawn/drawn.bpmn": DRAWN}


def test_a_kept_draft_is_thrown_away(studio: Studio, tmp_path: Path) -> None:
    deploy(studio, tmp_path, "drawn/drawn.bpmn", DRAWN)
    studio.pages.visit(ADMIN).post("/studio/drafts/drop", path="processes/drawn/drawn.bpmn")
    assert kept(studio.database) == {}


def test_a_dry_run_keeps_nothing(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "drawn.bpmn"
    file.write_bytes(DRAWN)
    url = str(studio.database.url)
    assert cli.main(["deploy", str(file), "--dry-run", "--database-url", url]) == 1
    assert kept(studio.database) == {}


def test_hostile_files_from_the_command_line_are_not_kept(studio: Studio, tmp_path: Path) -> None:
    assert deploy(studio, tmp_path, "evil/evil.bpmn", ENTITY) == 1
    assert kept(studio.database) == {}


def test_what_is_deployed_is_no_draft_any_more(studio: Studio, tmp_path: Path) -> None:
    name = "unit-cascade/unit-cascade.bpmn"
    assert deploy(studio, tmp_path, name, BROKEN) == 1
    assert list(kept(studio.database)) == [PROCESS]
    assert deploy(studio, tmp_path, name, GOOD) == 0
    assert kept(studio.database) == {}


@pytest.mark.parametrize("person", [ADVISOR, AUDITOR, HR])
def test_drafts_are_for_process_admins(studio: Studio, tmp_path: Path, person: object) -> None:
    deploy(studio, tmp_path, "drawn/drawn.bpmn", DRAWN)
    visitor = studio.pages.visit(person)  # type: ignore[arg-type]
    path = "processes/drawn/drawn.bpmn"
    assert visitor.get(f"/studio/drafts/kept/{path}").status_code == 403
    assert visitor.post("/studio/drafts/take", path=path).status_code == 403
    assert visitor.post("/studio/drafts/drop", path=path).status_code == 403
    assert list(kept(studio.database)) == [path]


@pytest.mark.parametrize("path", ["kept/processes/none.bpmn", "theirs/x.bpmn", "mine/x.bpmn"])
def test_drafts_that_are_not_there_are_not_found(studio: Studio, path: str) -> None:
    assert studio.pages.visit(ADMIN).get(f"/studio/drafts/{path}").status_code == 404
