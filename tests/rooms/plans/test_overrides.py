"""A plan that the linter refuses: asked for, decided by compliance, published, expired."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from perfflow.audit import trail
from perfflow.calendar import FIRM_ZONE
from perfflow.cycles import actions as cycle_actions
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation, RuleViolations
from perfflow.notifications.queries import latest_notifications
from perfflow.plans import actions, queries
from perfflow.plans.linting import judged_findings, plan_findings
from perfflow.studio.queries import catalogue_findings, draft_files
from perfflow.studio.rules import fingerprint
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import act_as, ADMIN, AUDITOR, COMPLIANCE, HR, Person, shipped_files
from tests.support.pages import open_pages, Pages

JANUARY = datetime(2025, 1, 6, 10, tzinfo=FIRM_ZONE)
CARD = "catalogue/cards/FA.yaml"
UNTIL = date(2025, 6, 30)
WISH = "New branch needs growth for a year"
REASON = "Accepted once for the opening year, reviewed in June"


def heavy_card(percent: int = 51) -> bytes:
    """The advisor's card with too much on results, which adds up and holds everything else."""
    text = shipped_files()[CARD].decode()
    for metric, before, after in (
        ("RS-01", 1500, 2600 + 100 * (percent - 51)),
        ("CL-04", 1200, 500),
        ("CP-03", 900, 500),
        ("CP-04", 800, 800 - 100 * (percent - 51)),
    ):
        old = f"metric: {metric}\n    weight_bp: {before}"
        assert old in text
        text = text.replace(old, f"metric: {metric}\n    weight_bp: {after}")
    return text.encode()


@dataclass
class Desk:
    """The pages of process admins and of compliance, on a day."""

    pages: Pages

    def upload(self, name: str, content: bytes) -> None:
        reply = self.pages.visit(ADMIN).client.post(
            "/studio/draft",
            data={"files": [(io.BytesIO(content), name)], "folder": "catalogue/cards"},
            content_type="multipart/form-data",
        )
        assert reply.status_code == 303
        reply.request.environ["wsgi.input"].close()

    def draft(self, language: str = "en") -> str:
        return self.pages.visit(ADMIN, language).get("/studio/").text

    def publish(self) -> int:
        with self.pages.database.reading() as session:
            mark = fingerprint(draft_files(session, ADMIN.no))
        return self.pages.visit(ADMIN).post("/studio/publish", fingerprint=mark).status_code

    def mark(self) -> str:
        with self.pages.database.reading() as session:
            files = draft_files(session, ADMIN.no)
            (found,) = [
                one.judged.finding.mark
                for one in catalogue_findings(session, JANUARY, files)
                if one.judged is not None and one.judged.blocks
            ]
        return found

    def ask(self, wish: str = WISH, person: Person = ADMIN, mark: str = "") -> int:
        fields = {"mark": mark or self.mark(), "wish": wish}
        return self.pages.visit(person).post("/studio/override", **fields).status_code

    def decide(
        self, step: str, person: Person = COMPLIANCE, reason: str = REASON, until: date = UNTIL
    ) -> TestResponse:
        with self.pages.database.reading() as session:
            number = queries.overrides(session)[0].id
        return self.pages.visit(person).post(
            f"/plans/overrides/{number}/{step}", reason=reason, expires_on=until.isoformat()
        )

    def release(self) -> int:
        with self.pages.database.reading() as session:
            return workflow_queries.current_release(session)


@pytest.fixture
def desk(firm: Database) -> Desk:
    """The heavy card lies in the admin's draft."""
    found = Desk(open_pages(firm, JANUARY, "studio", "plans"))
    found.upload("FA.yaml", heavy_card())
    return found


def test_an_error_of_the_linter_closes_publishing_until_compliance_lets_it_pass(
    desk: Desk,
) -> None:
    assert desk.publish() == 422
    assert desk.ask() == 303
    assert desk.publish() == 422
    assert desk.decide("grant").status_code == 303
    assert desk.publish() == 303
    assert desk.release() == 2


def test_the_finding_stands_in_both_languages_with_its_source(desk: Desk) -> None:
    assert "Expected results to weigh at most 50% for FA but got 51%" in desk.draft()
    assert "FA 的业绩成果权重最多 50%，现在是 51%（系统默认规则）" in desk.draft("zh")


def test_every_step_leaves_a_record_with_reason_and_end(desk: Desk) -> None:
    desk.ask()
    desk.decide("grant")
    with desk.pages.database.reading() as session:
        (asked,) = trail(session, event="plans:override:requested")
        (granted,) = trail(session, event="plans:override:granted")
        assert (asked.employee_no, asked.details["reason"]) == (ADMIN.no, WISH)
        assert granted.employee_no == COMPLIANCE.no
        assert (granted.details["reason"], granted.details["expires_on"]) == (REASON, UNTIL)


def test_compliance_is_told_and_the_asker_hears_back(desk: Desk) -> None:
    desk.ask()
    desk.decide("decline")
    with desk.pages.database.reading() as session:
        officer = {one.code for one in latest_notifications(session, COMPLIANCE.no)}
        admin = {one.code for one in latest_notifications(session, ADMIN.no)}
    assert "plans.notice_override_wanted" in officer
    assert "plans.notice_override_declined" in admin


def test_a_declined_request_goes_on_blocking_and_may_be_asked_again(desk: Desk) -> None:
    desk.ask()
    desk.decide("decline")
    assert desk.publish() == 422
    assert "Compliance declined an override." in desk.draft()
    assert desk.ask() == 303


def test_only_compliance_decides(desk: Desk) -> None:
    desk.ask()
    for person in (ADMIN, HR, AUDITOR):
        assert desk.decide("grant", person).status_code == 403
    with desk.pages.database.reading() as session:
        assert queries.granted_overrides(session) == []


def test_a_decision_needs_a_reason_and_an_end_within_a_year(desk: Desk) -> None:
    desk.ask()
    today = JANUARY.date()
    for reason, until, sentence in (
        ("ok", UNTIL, "Expected a reason of at least 10 characters"),
        (REASON, today, "Expected a day after"),
        (REASON, today + timedelta(days=367), "Expected a day after"),
    ):
        reply = desk.decide("grant", reason=reason, until=until)
        assert reply.status_code == 422
        assert sentence in reply.text
    with desk.pages.database.reading() as session:
        assert queries.granted_overrides(session) == []


def test_one_request_a_finding_is_enough(desk: Desk) -> None:
    assert [desk.ask(), desk.ask()] == [303, 409]


def test_what_does_not_block_cannot_be_overridden(desk: Desk) -> None:
    assert desk.ask(mark="0" * 24) == 422
    assert desk.ask(wish="short") == 422


def test_others_cannot_ask(desk: Desk) -> None:
    assert desk.ask(person=HR, mark=desk.mark()) == 403


def test_an_override_covers_these_figures_only(desk: Desk) -> None:
    desk.ask()
    desk.decide("grant")
    desk.upload("FA.yaml", heavy_card(52))
    assert desk.publish() == 422
    desk.upload("FA.yaml", heavy_card(51))
    assert desk.publish() == 303


def test_an_expired_override_blocks_the_next_publication(desk: Desk) -> None:
    desk.ask()
    desk.decide("grant")
    desk.publish()
    after = datetime.combine(UNTIL + timedelta(days=1), JANUARY.timetz())
    later = Desk(desk.pages.on(after))
    later.upload("RM.yaml", shipped_files()["catalogue/cards/RM.yaml"] + b"# looked over\n")
    assert later.publish() == 422
    page = later.pages.visit(COMPLIANCE).get("/plans/").text
    assert "the finding blocks again" in page
    assert "expired" in page


def test_a_withdrawn_override_blocks_again(desk: Desk) -> None:
    desk.ask()
    desk.decide("grant")
    assert desk.decide("withdraw", reason="The branch is open now").status_code == 303
    assert desk.publish() == 422


def publish_heavy_release(firm: Database) -> None:
    with firm.writing() as session:
        workflow_actions.deploy(session, SYSTEM, JANUARY, {CARD: heavy_card()})


def override(firm: Database, until: date) -> None:
    """Asked by the admin, granted by compliance, for the finding of the running release."""
    with firm.writing() as session:
        release = workflow_queries.current_release(session)
        (finding,) = [one for one in plan_findings(session, release) if one.blocks]
        row = actions.request_override(session, act_as(session, ADMIN), JANUARY, finding, WISH)
        actions.grant_override(
            session, act_as(session, COMPLIANCE), JANUARY, row.id, reason=REASON, expires_on=until
        )


def launch(firm: Database, on: date) -> None:
    with firm.writing() as session:
        cycle_actions.publish_plan(
            session, SYSTEM, datetime.combine(on, JANUARY.timetz()), "Y2025", statement="请看方案。"
        )


@pytest.fixture
def prepared(firm: Database) -> Database:
    """A cycle is prepared on a release whose card is too heavy."""
    publish_heavy_release(firm)
    with firm.writing() as session:
        cycle_actions.create_cycle(
            session, SYSTEM, JANUARY, code="Y2025", pack="ANNUAL-STD", name_zh="年度",
            name_en="Year", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31),
        )  # fmt: skip
    return firm


def test_a_cycle_is_not_launched_without_or_after_an_override(prepared: Database) -> None:
    with pytest.raises(RuleViolations) as caught:
        launch(prepared, JANUARY.date())
    assert {one.code for one in caught.value.violations} == {"plans.lint.results_too_heavy"}
    override(prepared, UNTIL)
    with pytest.raises(RuleViolations):
        launch(prepared, UNTIL + timedelta(days=1))


def test_a_cycle_is_launched_on_the_last_day_of_an_override(prepared: Database) -> None:
    override(prepared, UNTIL)
    launch(prepared, UNTIL)
    with prepared.reading() as session:
        (entry,) = trail(session, event="cycles:plan:published")
        release = workflow_queries.current_release(session)
        covered = [one for one in judged_findings(session, release, UNTIL) if one.override]
        assert [one.override.id for one in covered if one.override] == entry.details["overrides"]
    assert len(covered) == 1


def test_nobody_grants_the_own_request_even_with_both_roles(firm: Database) -> None:
    publish_heavy_release(firm)
    with firm.writing() as session:
        admin, officer = act_as(session, ADMIN), act_as(session, COMPLIANCE)
        both = replace(admin, roles=admin.roles | officer.roles)
        release = workflow_queries.current_release(session)
        (finding,) = [one for one in plan_findings(session, release) if one.blocks]
        row = actions.request_override(session, both, JANUARY, finding, WISH)
        with pytest.raises(NotAllowed):
            actions.grant_override(session, both, JANUARY, row.id, reason=REASON, expires_on=UNTIL)
        actions.decline_override(session, officer, JANUARY, row.id, reason=REASON)
        with pytest.raises(Conflict):
            actions.decline_override(session, officer, JANUARY, row.id, reason=REASON)


def test_a_warning_needs_no_override(firm: Database) -> None:
    with firm.writing() as session:
        note = plan_findings(session, workflow_queries.current_release(session))[-1]
        with pytest.raises(RuleViolation) as caught:
            actions.request_override(session, act_as(session, ADMIN), JANUARY, note, WISH)
    assert caught.value.code == "plans.not_blocking"


def test_the_profiles_page_says_what_is_in_force_and_not_verified(firm: Database) -> None:
    pages = open_pages(firm, JANUARY, "plans")
    for language, words in (("en", "not verified"), ("zh", "未核对")):
        page = pages.visit(HR, language).get("/plans/profiles").text
        assert page.count(words) >= 9
        assert "CN-BANK-WM" in page
    assert pages.visit(HR).get("/plans/").status_code == 200
