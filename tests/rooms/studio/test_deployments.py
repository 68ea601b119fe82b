"""The deployments page: uploads, findings beside the drawing, publishing, versions, rights."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from perfflow.audit import trail
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.studio.queries import draft_files
from perfflow.studio.rules import fingerprint
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, build_firm, HR, Person, shipped_files
from tests.support.pages import open_pages, Pages
from tests.support.year import JANUARY

PROCESS = "processes/unit-cascade/unit-cascade.bpmn"
FORM = "forms/unit-cascade.form.json"
GOOD = shipped_files()[PROCESS]
CHANGED = GOOD.replace(b"<bpmn:process ", b"<!-- looked over --><bpmn:process ", 1)
BROKEN = re.sub(rb'formId="[^"]*"', b'formId="no-such-form"', GOOD)
ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@dataclass
class Studio:
    """The page with a small bundle that runs already."""

    pages: Pages

    @property
    def database(self) -> Database:
        return self.pages.database

    def page(self, person: Person = ADMIN, language: str = "en") -> str:
        reply = self.pages.visit(person, language).get("/studio/")
        assert reply.status_code == 200
        return reply.text

    def upload(
        self, *files: tuple[str, bytes], person: Person = ADMIN, folder: str = ""
    ) -> TestResponse:
        sent = [(io.BytesIO(content), name) for name, content in files]
        reply = self.pages.visit(person).client.post(
            "/studio/draft",
            data={"files": sent, "folder": folder},
            content_type="multipart/form-data",
        )
        # The test client keeps a large body in a temporary file and leaves it open.
        reply.request.environ["wsgi.input"].close()
        return reply

    def publish(self, mark: str | None = None) -> TestResponse:
        if mark is None:
            found = re.search(r'name="fingerprint" value="(\w+)"', self.page())
            mark = found[1] if found else "none"
        return self.pages.visit(ADMIN).post("/studio/publish", fingerprint=mark)

    def draft(self) -> dict[str, bytes]:
        with self.database.reading() as session:
            return draft_files(session, ADMIN.no)

    def bundle(self) -> int:
        with self.database.reading() as session:
            return workflow_queries.current_bundle(session)


@pytest.fixture
def studio(database: Database) -> Studio:
    """One process with its form is deployed."""
    with database.writing() as session:
        build_firm(session)
        files = {path: shipped_files()[path] for path in (PROCESS, FORM)}
        workflow_actions.deploy(session, SYSTEM, JANUARY, files)
    return Studio(open_pages(database, JANUARY, "studio", "studio.live", "plans"))


def test_a_changed_process_is_published_and_the_versions_say_by_whom(studio: Studio) -> None:
    assert studio.upload(("unit-cascade.bpmn", CHANGED)).status_code == 303
    assert studio.publish().status_code == 303
    assert studio.bundle() == 2
    assert studio.draft() == {}
    versions = studio.page().split('id="versions"')[1]
    assert ADMIN.name_en in versions
    assert "unit-cascade.bpmn" in versions


WARNED = GOOD.replace(b'<zeebe:formDefinition formId="unit-cascade"', b"<zeebe:userTask", 1)


def test_warnings_are_accepted_by_name_before_publishing(studio: Studio) -> None:
    assert WARNED != GOOD
    studio.upload(("unit-cascade.bpmn", WARNED))
    page = studio.page()
    assert re.search(r"I accept 1 warning by name:\s*<code>WF-401 cascade-goals</code>", page)
    assert studio.publish().status_code == 422
    assert studio.bundle() == 1
    mark = fingerprint(studio.draft())
    reply = studio.pages.visit(ADMIN).post("/studio/publish", fingerprint=mark, accept="1")
    assert reply.status_code == 303
    assert studio.bundle() == 2
    with studio.database.reading() as session:
        (entry,) = trail(session, event="workflow:bundle:deployed", actor=ADMIN.no)
        assert entry.details["accepted"] == ["WF-401 cascade-goals"]


def test_publishing_leaves_a_record(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", CHANGED))
    studio.publish()
    with studio.database.reading() as session:
        (entry,) = trail(session, event="workflow:bundle:deployed", actor=ADMIN.no)
        assert entry.details["changed"] == [PROCESS]


def test_errors_stand_beside_the_drawing_with_the_element_marked(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", BROKEN))
    page = studio.page()
    assert "no-such-form" in page.split("Problems")[1]
    assert re.search(r'class="pf-node[^"]*is-highlighted"[^>]*data-element="cascade-goals"', page)


def test_with_errors_publishing_is_closed_and_says_why(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", BROKEN))
    page = studio.page()
    assert re.search(r"<button[^>]*disabled[^>]*>Publish", page)
    assert "Solve 1 error first." in page
    assert "先解决 1 个错误。" in studio.page(language="zh")


def test_a_draft_with_errors_is_kept_and_runs_nowhere(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", BROKEN))
    assert studio.publish(fingerprint(studio.draft())).status_code == 422
    assert studio.bundle() == 1
    assert studio.draft() == {PROCESS: BROKEN}


def test_only_what_was_looked_at_is_published(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", CHANGED))
    assert studio.publish("0" * 24).status_code == 409
    assert studio.bundle() == 1
    assert studio.draft() == {PROCESS: CHANGED}


def test_the_running_files_again_are_nothing_to_publish(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", GOOD))
    assert "These files are the same as the running ones." in studio.page()


def test_an_empty_draft_is_nothing_to_publish(studio: Studio) -> None:
    assert studio.publish("x").status_code == 422


def test_several_files_come_at_once_and_each_can_be_taken_out(studio: Studio) -> None:
    form = shipped_files()[FORM] + b"\n"
    studio.upload(("unit-cascade.bpmn", CHANGED), ("unit-cascade.form.json", form))
    assert set(studio.draft()) == {PROCESS, FORM}
    studio.pages.visit(ADMIN).post("/studio/draft/drop", path=FORM)
    assert set(studio.draft()) == {PROCESS}
    studio.pages.visit(ADMIN).post("/studio/draft/drop")
    assert studio.draft() == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"), ("a.bpmn", b""), ("a.bpmn", b"x" * 2_200_000), ("a.yaml", b"a: 1"),
        ("..", b"x"), ("a b.bpmn", b"x"),
    ],
)  # fmt: skip
def test_uploads_that_cannot_be_kept_change_nothing(
    studio: Studio, name: str, content: bytes
) -> None:
    reply = studio.upload(("unit-cascade.bpmn", CHANGED), (name, content))
    assert reply.status_code == 400
    assert "Nothing was published or lost." in reply.text
    assert studio.draft() == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.bpmn", ENTITY),
        ("evil.bpmn", b"<<<"),
        ("evil.bpmn", b"\xff\xfe\x00"),
        ("unit-cascade.bpmn", re.sub(rb' x="\d+"', b' x="NaN"', GOOD)),
        ("unit-cascade.bpmn", re.sub(rb' width="\d+"', b' width="1e999"', GOOD)),
        ("evil.dmn", b"<definitions"),
        ("evil.form.json", b'{"components": ['),
        ("evil.form.json", b"[" * 5000),
        ("unit-cascade.form.json", b'"text"'),
    ],
)
def test_hostile_and_broken_files_become_findings(
    studio: Studio, name: str, content: bytes
) -> None:
    reply = studio.upload((name, content))
    # Well-formed files with errors are kept; what cannot be shown is not.
    assert reply.status_code in (303, 422)
    page = reply.text if reply.status_code == 422 else studio.page()
    assert 'class="finding"' in page
    assert bool(studio.draft()) == (reply.status_code == 303)
    assert studio.publish().status_code in (409, 422)
    assert "root:" not in page


@pytest.mark.parametrize("content", [b"code: [", b"\xff\xfe\x00", b"a: &a [*a]", b"just text"])
def test_a_broken_catalogue_file_is_a_finding(studio: Studio, content: bytes) -> None:
    assert studio.upload(("new.yaml", content), folder="catalogue/metrics").status_code == 303
    assert 'class="finding"' in studio.page()
    assert studio.publish("x").status_code == 409


def test_drafts_are_each_persons_own(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", CHANGED))
    with studio.database.reading() as session:
        assert draft_files(session, AUDITOR.no) == {}


def test_auditors_read_versions_and_upload_nothing(studio: Studio) -> None:
    page = studio.page(AUDITOR)
    assert "process admins upload and publish" in page
    assert 'type="file"' not in page
    assert studio.upload(("unit-cascade.bpmn", CHANGED), person=AUDITOR).status_code == 403
    auditor = studio.pages.visit(AUDITOR)
    assert auditor.post("/studio/publish").status_code == 403
    assert auditor.post("/studio/draft/drop").status_code == 403


@pytest.mark.parametrize("reader", [ADVISOR, HR])
def test_nobody_else_finds_the_page(studio: Studio, reader: Person) -> None:
    visitor = studio.pages.visit(reader)
    for address in ("/studio/", "/studio/versions/1", f"/studio/files/bundle/1/{PROCESS}"):
        assert visitor.get(address).status_code == 403
    assert studio.upload(("unit-cascade.bpmn", CHANGED), person=reader).status_code == 403


def test_a_file_of_an_old_version_comes_back_byte_for_byte(studio: Studio) -> None:
    studio.upload(("unit-cascade.bpmn", CHANGED))
    studio.publish()
    auditor = studio.pages.visit(AUDITOR)
    assert auditor.get(f"/studio/files/bundle/1/{PROCESS}").data == GOOD
    reply = auditor.get(f"/studio/files/bundle/2/{PROCESS}")
    assert reply.data == CHANGED
    assert "attachment" in reply.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    [
        "/studio/versions/99",
        "/studio/files/bundle/9/processes/x.bpmn",
        "/studio/files/bundle/1/../../etc/passwd",
        "/studio/files/other/1/forms/x.form.json",
        "/studio/processes/unknown",
    ],
)
def test_what_there_is_not_is_not_found(studio: Studio, address: str) -> None:
    assert studio.pages.visit(ADMIN).get(address).status_code == 404


def test_a_version_lists_its_files_and_a_process_its_steps(studio: Studio) -> None:
    visitor = studio.pages.visit(ADMIN)
    assert FORM in visitor.get("/studio/versions/1").text
    page = visitor.get("/studio/processes/unit-cascade").text
    assert "pf-process" in page
    assert "cascade-goals" in page
