"""Signing in and out over HTTP: sessions, resting accounts, and answers that give nothing away."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.web.accounts import REST
from tests.conftest import Counting
from tests.rooms.web.conftest import GU, PASSWORD, SHEN, SignIn, token


def attempt(client: FlaskClient, login: str, password: str, **more: str) -> TestResponse:
    form = token(client.get("/login").text)
    return client.post(
        "/login", data={"login": login, "password": password, "csrf_token": form, **more}
    )


def bare(page: str, login: str) -> str:
    """A page without what differs in every answer."""
    page = re.sub(r'(name="csrf_token" value)="[^"]+"', r"\1", page)
    return page.replace(login, "LOGIN")


def test_signing_in_opens_todays_page(sign_in: SignIn) -> None:
    assert sign_in(SHEN).get("/").text == "today"


def test_whoever_has_not_signed_in_is_sent_there_and_back_again(client: FlaskClient) -> None:
    sent = client.get("/team?view=table")
    assert sent.status_code == 303
    assert sent.location == "/login?next=/team?view%3Dtable"
    assert attempt(client, GU, PASSWORD, next="/team?view=table").location == "/team?view=table"


def test_a_program_that_has_not_signed_in_gets_401(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "web.sign_in_first"


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "login", "/a\nb"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client: FlaskClient, target: str) -> None:
    assert attempt(client, SHEN, PASSWORD, next=target).location == "/"


def test_unknown_wrong_and_resting_look_the_same(client: FlaskClient) -> None:
    wrong = attempt(client, SHEN, "not the password")
    unknown = attempt(client, "E99999", "not the password")
    for _ in range(4):
        attempt(client, SHEN, "not the password")
    resting = attempt(client, SHEN, PASSWORD)
    pages = {
        bare(answer.text, login)
        for answer, login in ((wrong, SHEN), (unknown, "E99999"), (resting, SHEN))
    }
    assert {wrong.status_code, unknown.status_code, resting.status_code} == {422}
    assert len(pages) == 1


def test_after_a_quarter_of_an_hour_a_resting_account_opens_again(
    client: FlaskClient, clock: VirtualClock
) -> None:
    for _ in range(5):
        attempt(client, SHEN, "not the password")
    assert attempt(client, SHEN, PASSWORD).status_code == 422
    clock.advance(REST)
    assert attempt(client, SHEN, PASSWORD).status_code == 303


def test_what_was_typed_as_login_is_kept_and_the_password_is_not(client: FlaskClient) -> None:
    page = attempt(client, 'E<"1', "my secret words").text
    assert 'value="E&lt;&#34;1"' in page
    assert "my secret words" not in page


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookies = attempt(client, SHEN, PASSWORD).headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("perfflow_session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_a_forged_session_cookie_opens_nothing(client: FlaskClient) -> None:
    client.set_cookie("perfflow_session", "eyJhY2NvdW50IjoxLCJ2ZXJzaW9uIjoxfQ.forged.forged")
    assert client.get("/").status_code == 303


def test_somebody_already_signed_in_goes_on_from_the_sign_in_page(sign_in: SignIn) -> None:
    answer = sign_in(SHEN).get("/login?next=/account")
    assert (answer.status_code, answer.location) == (303, "/account")


def test_signing_out_ends_the_session(sign_in: SignIn) -> None:
    browser = sign_in(SHEN)
    form = token(browser.get("/account").text)
    assert browser.post("/logout", data={"csrf_token": form}).location == "/login"
    assert browser.get("/").status_code == 303


def test_changing_the_password_keeps_this_session_and_ends_the_others(sign_in: SignIn) -> None:
    here, elsewhere = sign_in(SHEN), sign_in(SHEN)
    here.set_cookie("perfflow_language", "en")
    answer = here.post(
        "/account/password",
        data={
            "csrf_token": token(here.get("/account").text),
            "current_password": PASSWORD,
            "new_password": "another calm sentence",
            "new_password_again": "another calm sentence",
        },
    )
    assert answer.status_code == 303
    assert "Password changed; your other sessions have ended" in here.get("/account").text
    assert elsewhere.get("/").status_code == 303
    assert sign_in(SHEN, "another calm sentence").get("/").text == "today"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current_password": "guess"}, "current_password"),
        ({"new_password_again": "something else"}, "new_password_again"),
        ({"new_password": "short", "new_password_again": "short"}, "new_password"),
    ],
)
def test_a_refused_new_password_says_so_on_its_field(
    sign_in: SignIn, typed: dict[str, str], field: str
) -> None:
    browser = sign_in(SHEN)
    form = {
        "csrf_token": token(browser.get("/account").text),
        "current_password": PASSWORD,
        "new_password": "another calm sentence",
        "new_password_again": "another calm sentence",
    }
    answer = browser.post("/account/password", data={**form, **typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text


def test_a_page_asks_who_is_there_in_one_statement_and_no_commit(
    sign_in: SignIn, database: Database, count_statements: Counting
) -> None:
    browser = sign_in(SHEN)
    with count_statements(database.engine) as counted:
        browser.get("/")
    assert len(counted) == 1, counted
    assert counted.commits == 0
