"""Permissions: the table of roles, the guard on routes, and the check that none is undeclared."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from perfflow.kernel.actor import Actor, Role
from perfflow.web import declared_permission, GRANTS, Permission, permits, undeclared_routes
from perfflow.web.permissions import READING_ACTIONS
from tests.rooms.web.conftest import GU, SHEN, SignIn, XU


def holding(*roles: Role) -> set[Permission]:
    actor = Actor("somebody", roles=frozenset(roles))
    return {permission for permission in Permission if permits(actor, permission)}


def test_every_permission_has_holders_and_reads_room_subject_action() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(GRANTS.values())
    assert all(len(permission.value.split(":")) == 3 for permission in Permission)


def test_an_auditor_reads_and_never_writes() -> None:
    actions = {permission.value.split(":")[2] for permission in holding(Role.AUDITOR)}
    assert actions <= READING_ACTIONS
    readable = {p for p in Permission if p.value.endswith(":view")} - {Permission.TEAM_BOARD_VIEW}
    assert readable <= holding(Role.AUDITOR)


def test_a_process_admin_sees_nobodys_pay() -> None:
    assert not {p for p in holding(Role.PROCESS_ADMIN) if p.value.startswith("payouts:")}


def test_money_is_prepared_approved_and_released_by_different_hands() -> None:
    assert Permission.PAYOUTS_RUN_APPROVE not in holding(Role.FINANCE)
    committee = holding(Role.REMUNERATION_COMMITTEE)
    assert not committee & {Permission.PAYOUTS_RUN_PREPARE, Permission.PAYOUTS_RUN_RELEASE}


def test_only_the_committee_adjusts_and_only_compliance_decides_cases() -> None:
    assert GRANTS[Permission.CALIBRATION_SESSION_ADJUST] == {Role.CALIBRATION_COMMITTEE}
    assert GRANTS[Permission.COMPLIANCE_CASE_DECIDE] == {Role.COMPLIANCE_OFFICER}


def test_a_manager_cannot_load_metric_values() -> None:
    assert Permission.METRICS_VALUE_LOAD not in holding(Role.LINE_MANAGER, Role.EMPLOYEE)


def test_nobody_without_a_role_may_do_anything() -> None:
    assert holding() == set()


def test_a_page_opens_for_those_who_hold_its_permission(sign_in: SignIn) -> None:
    assert sign_in(GU).get("/team").text == "team"


def test_others_are_told_whose_page_it_is(sign_in: SignIn) -> None:
    answer = sign_in(SHEN).get("/team?lang=en")
    assert answer.status_code == 403
    whose = "line manager, second-line manager, HR partner, executive, unit head"
    assert f"This page is for {whose}." in answer.text


def test_a_granted_role_counts_without_an_employee_behind_it(sign_in: SignIn) -> None:
    assert sign_in(XU).get("/").text == "today"


@pytest.mark.parametrize("path", ["/team", "/account", "/menu", "/help"])
def test_pages_stay_closed_without_signing_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 303


def test_every_route_of_the_web_layer_declares_its_permission(app: Flask) -> None:
    assert undeclared_routes(app) == []
    assert declared_permission(app, "home.team") is Permission.TEAM_BOARD_VIEW
    assert declared_permission(app, "web.login") == "public"


def test_a_route_that_declares_nothing_is_found(app: Flask) -> None:
    app.add_url_rule("/open", "home.open_door", lambda: "open")
    assert undeclared_routes(app) == ["home.open_door"]
