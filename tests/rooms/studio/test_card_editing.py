"""Changing the catalogue on pages: a card's weights in a form, a file as text, who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from werkzeug.test import TestResponse

from perfflow.cycles import actions as cycle_actions
from perfflow.cycles.queries import cycle
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.configuration import load_configuration
from perfflow.plans.queries import card_template
from perfflow.plans.rules import CardTemplate, parse_card
from perfflow.studio.queries import draft_files
from perfflow.studio.rules import fingerprint
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, HR, shipped_files
from tests.support.firm_fixtures import firm
from tests.support.pages import open_pages, Pages
from tests.support.year import JANUARY

__all__ = ["firm"]
PATH = "catalogue/cards/FA.yaml"
SHIPPED = parse_card(load_configuration(shipped_files()[PATH].decode()))


@dataclass
class Editor:
    """The card pages as the process admin sees them."""

    pages: Pages

    def save(self, changes: dict[str, str], **more: str) -> TestResponse:
        fields = {}
        for line in SHIPPED.lines:
            fields[f"{line.metric}_weight"] = str(line.weight_bp / 100)
            fields[f"{line.metric}_curve"] = line.curve
        return self.pages.visit(ADMIN).post(
            "/studio/catalogue/cards/FA-STD", **(fields | changes | more)
        )

    def draft(self) -> CardTemplate:
        with self.pages.database.reading() as session:
            content = draft_files(session, ADMIN.no)[PATH]
        return parse_card(load_configuration(content.decode()))

    def publish(self) -> int:
        with self.pages.database.reading() as session:
            mark = fingerprint(draft_files(session, ADMIN.no))
        return self.pages.visit(ADMIN).post("/studio/publish", fingerprint=mark).status_code


@pytest.fixture
def editor(firm: Database) -> Editor:
    return Editor(open_pages(firm, JANUARY, "studio", "plans"))


def test_weights_are_changed_without_a_file_and_a_running_cycle_keeps_its_card(
    editor: Editor,
) -> None:
    database = editor.pages.database
    with database.writing() as session:
        cycle_actions.create_cycle(
            session, SYSTEM, JANUARY, code="Y2025", pack="ANNUAL-STD", name_zh="年度",
            name_en="Year", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31),
        )  # fmt: skip
    assert editor.save({"RS-01_weight": "14", "CL-01_weight": "9"}).status_code == 303
    assert (editor.draft().version, editor.draft().lines[0].weight_bp) == (2, 1400)
    assert editor.publish() == 303
    with database.reading() as session:
        release = workflow_queries.current_release(session)
        old = cycle(session, "Y2025").release_number
        assert card_template(session, release, "FA-STD").lines[0].weight_bp == 1400
        assert card_template(session, old, "FA-STD").lines[0].weight_bp == 1500


def test_saving_twice_is_one_version_and_starts_from_what_runs(editor: Editor) -> None:
    editor.save({"RS-01_weight": "14", "CL-01_weight": "9"})
    editor.save({"RS-01_weight": "13", "CL-01_weight": "10"})
    assert (editor.draft().version, editor.draft().lines[0].weight_bp) == (2, 1300)
    page = editor.pages.visit(ADMIN).get("/studio/catalogue/cards/FA-STD").text
    assert "from your draft" in page
    assert 'name="RS-01_weight" value="13"' in page


def test_a_line_leaves_and_a_digital_metric_comes(editor: Editor) -> None:
    reply = editor.save({"CL-06_weight": ""}, new_metric="CL-13", new_weight="5", new_curve="STD")
    assert reply.status_code == 303
    codes = {line.metric: line.weight_bp for line in editor.draft().lines}
    assert codes["CL-13"] == 500
    assert "CL-06" not in codes


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("RS-01_weight", "much", "Expected a weight above 0"),
        ("RS-01_weight", "-3", "Expected a weight above 0"),
        ("RS-01_weight", "12.345", "Expected a weight above 0"),
        ("RS-01_weight", "NaN", "Expected a weight above 0"),
        ("RS-01_curve", "NONE", "There is no curve NONE."),
        ("new_metric", "ZZ-01", "There is no metric ZZ-01."),
    ],
)
def test_what_is_no_weight_is_said_and_nothing_is_kept(
    editor: Editor, field: str, value: str, sentence: str
) -> None:
    reply = editor.save({"new_weight": "5", "new_curve": "STD", field: value})
    assert reply.status_code in (400, 422)
    assert sentence in reply.text
    with editor.pages.database.reading() as session:
        assert draft_files(session, ADMIN.no) == {}


def test_text_is_pasted_under_a_path_of_the_catalogue(editor: Editor) -> None:
    admin = editor.pages.visit(ADMIN)
    content = shipped_files()[PATH].decode().replace("code: FA-STD", "code: FA-DIGITAL")
    place = "catalogue/cards/FA-DIGITAL.yaml"
    fields = {"path": place, "content": content.replace("\n", "\r\n")}
    assert admin.post("/studio/catalogue/text", **fields).status_code == 303
    with editor.pages.database.reading() as session:
        assert draft_files(session, ADMIN.no)[place] == content.encode()
    page = admin.get(f"/studio/catalogue/text?path={place}").text
    assert "code: FA-DIGITAL" in page


@pytest.mark.parametrize(
    "path",
    ["processes/x.bpmn", "catalogue/../x.yaml", "catalogue/cards/x.txt", "/etc/x.yaml", "x.yaml"],
)
def test_text_goes_nowhere_else(editor: Editor, path: str) -> None:
    reply = editor.pages.visit(ADMIN).post("/studio/catalogue/text", path=path, content="a: 1")
    assert reply.status_code == 400
    assert editor.pages.visit(ADMIN).get("/studio/catalogue/text?path=no/such").status_code == 404


def test_only_process_admins_change_cards(editor: Editor) -> None:
    for person in (HR, AUDITOR, ADVISOR):
        visitor = editor.pages.visit(person)
        for page in ("cards", "cards/FA-STD", "text"):
            assert visitor.get(f"/studio/catalogue/{page}").status_code == 403
        assert visitor.post("/studio/catalogue/text", path=PATH, content="x").status_code == 403
    assert editor.pages.visit(ADMIN).get("/studio/catalogue/cards/NONE").status_code == 404
    assert "Wealth advisor card" in editor.pages.visit(ADMIN).get("/studio/catalogue/cards").text
