"""A small firm with one process: an advisor writes, HR answers; its browsers and its form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from perfflow.db import Database
from perfflow.forms import Evidence, form_binding, FormBinding, FormContext, Text
from perfflow.inbox.queries import waiting_counts
from perfflow.inbox.views import blueprint
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import RuleViolation
from perfflow.people.principals import PeoplePrincipals
from perfflow.web import accounts, create_base_app, install
from perfflow.workflow import actions, queries
from tests.support import cast
from tests.workflow.building import line, node, process, user_task

PASSWORD = "a calm sentence"
STORED: list[dict[str, Any]] = []
FORM = {
    "id": "story",
    "type": "default",
    "schemaVersion": 19,
    "properties": {
        "binding": "testing.story",
        "submit": "提交自述",
        "submit@en": "Send story",
        "purpose": "你先写。",
        "purpose@en": "You write first.",
        "readers": "只有你们两人",
        "readers@en": "Only the two of you",
    },
    "components": [
        {
            "type": "textarea",
            "key": "summary",
            "label": "总结",
            "validate": {"required": True},
            "properties": {"label@en": "Summary"},
        },
        {"type": "number", "key": "score", "label": "分数", "properties": {"label@en": "Score"}},
        {"type": "textfield", "key": "mood", "label": "心情", "properties": {"label@en": "Mood"}},
        {
            "type": "dynamiclist",
            "path": "points",
            "label": "要点",
            "defaultRepetitions": 1,
            "properties": {"label@en": "Points"},
            "components": [
                {
                    "type": "textfield",
                    "key": "what",
                    "label": "内容",
                    "properties": {"label@en": "What"},
                }
            ],
        },
    ],
}


@form_binding("testing.story")
class StoryBinding(FormBinding):
    """Keeps what it was given, and refuses a score above 10."""

    fields = frozenset({"summary", "score", "points", "points.what"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        if values["score"] is not None and values["score"] > 10:
            raise RuleViolation("forms.too_large", field="score", label="", limit=10, got=11)
        STORED.append(values)
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        rows = ((Text("去年实际", "Last year"), 968, "CORE", date(2025, 1, 5)),)
        return [Evidence(Text("依据", "Evidence"), rows, Text("不显示个人", "No individuals"))]


DIAGRAM = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="diagram">'
    '<bpmndi:BPMNPlane bpmnElement="trial" id="plane">'
    '<bpmndi:BPMNShape bpmnElement="draft" id="draft-shape">'
    '<dc:Bounds x="200" y="80" width="110" height="80"/></bpmndi:BPMNShape>'
    '<bpmndi:BPMNShape bpmnElement="answer" id="answer-shape">'
    '<dc:Bounds x="380" y="80" width="110" height="80"/></bpmndi:BPMNShape>'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
)


def story_process() -> bytes:
    """draft (the employee) → answer (any HR partner of the firm) → end, drawn in part."""
    form = '<zeebe:userTask/><zeebe:formDefinition formId="story"/>'
    text = process(
        node("startEvent", "begun")
        + user_task("draft", "=employee", due="=due", inner=form, properties={"name@en": "Draft"})
        + user_task("answer", group="hr-partner", due="=due", properties={"name@en": "Answer"})
        + node("endEvent", "ended")
        + line("begun", "draft", "answer", "ended")
    )
    return text.replace(b"</bpmn:definitions>", DIAGRAM.encode())


def token(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" (?:value|content)="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@dataclass
class Office:
    """The firm's database, clock and application, and what tests do with them."""

    app: Flask
    database: Database
    clock: VirtualClock

    def start(self, employee: str, days: int = 3, cycle: str = "2025-ANNUAL") -> int:
        """Start a story about an employee, due in some days; the number of her task."""
        due = (self.clock.now() + timedelta(days=days)).replace(microsecond=0)
        key = f"{cycle}/{employee}"
        with self.database.writing() as session:
            variables = {"employee": employee, "due": due}
            actions.start_instance(session, SYSTEM, self.clock.now(), "trial", key, variables)
        return self.open_task(key)

    def open_task(self, key: str) -> int:
        """The number of the first open task of a case."""
        with self.database.reading() as session:
            return int(queries.open_tasks_of(session, key)[0].id)

    def sign_in(self, person: cast.Person, language: str = "en") -> Browser:
        """A browser in which a person has signed in."""
        client = self.app.test_client()
        page = client.get(f"/login?lang={language}")
        answer = client.post(
            "/login",
            data={"login": person.no, "password": PASSWORD, "csrf_token": token(page.text)},
        )
        assert answer.status_code == 303, answer.text
        client.set_cookie("perfflow_language", language)
        return Browser(client)


@dataclass
class Browser:
    """A signed-in browser that sends form tokens along."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, pairs: Any = (), **fields: str) -> TestResponse:
        page = self.client.get("/inbox/")
        data = {"csrf_token": [token(page.text)]}
        for name, value in [*pairs, *fields.items()]:
            data.setdefault(name, []).append(value)
        return self.client.post(address, data=data)

    def send_json(self, address: str, body: Any) -> TestResponse:
        page = self.client.get("/inbox/")
        headers = {"X-CSRFToken": token(page.text), "Accept": "application/json"}
        content = body if isinstance(body, str) else json.dumps(body)
        return self.client.post(
            address, data=content, headers=headers, content_type="application/json"
        )


def open_office(database: Database, clock: VirtualClock) -> Office:
    """The firm at 9:00 of a Monday with the process deployed and accounts for everybody."""
    STORED.clear()
    now = clock.now()
    with database.writing() as session:
        cast.build_firm(session)
        shared = accounts.hash_password(PASSWORD)
        for person in cast.CAST:
            accounts.create_account(
                session,
                SYSTEM,
                now,
                person.no,
                employee_no=person.no,
                password_hash=shared,
            )
        deployed = actions.deploy(
            session,
            SYSTEM,
            now,
            {
                "processes/trial.bpmn": story_process(),
                "forms/story.form.json": json.dumps(FORM).encode(),
            },
        )
        assert not [one for one in deployed.findings if one.severity == "error"], deployed.findings
    app = create_base_app("a secret for tests")
    install(
        app,
        database=database,
        clock=clock,
        principals=PeoplePrincipals(),
        waiting_counts=waiting_counts,
    )
    app.register_blueprint(blueprint)
    return Office(app, database, clock)
