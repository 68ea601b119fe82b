"""Language and appearance: chosen at any time, remembered, and never a detour."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from perfflow.db import Database
from perfflow.web.models import Account
from tests.rooms.web.conftest import SHEN, SignIn, token


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)" data-theme="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def theme_of(page: str) -> str:
    found = re.search(r'data-theme="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("fr-FR,en;q=0.5", "en"),
        ("fr-FR", "zh-Hans"),
        ("", "zh-Hans"),
    ],
)
def test_a_visitor_is_met_in_the_browsers_language(
    client: FlaskClient, header: str, expected: str
) -> None:
    page = client.get("/login", headers={"Accept-Language": header}).text
    assert language_of(page) == expected


def test_an_address_may_ask_for_a_language_once(client: FlaskClient) -> None:
    assert language_of(client.get("/login?lang=en").text) == "en"
    assert language_of(client.get("/login").text) == "zh-Hans"


def test_switching_comes_back_to_the_same_page_in_the_other_language(client: FlaskClient) -> None:
    page = client.get("/login?next=/team&lang=zh").text
    back = re.search(r'name="next" value="(/login[^"]*)"', page)
    assert back is not None
    answer = client.post(
        "/language", data={"language": "en", "next": back.group(1), "csrf_token": token(page)}
    )
    assert answer.location == "/login?next=/team"
    assert language_of(client.get(answer.location).text) == "en"


def test_the_choice_belongs_to_the_account_and_follows_it(
    sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(SHEN)
    form = token(browser.get("/account").text)
    browser.post("/language", data={"language": "en", "next": "/account", "csrf_token": form})
    browser.post("/theme", data={"theme": "dark", "next": "/account", "csrf_token": form})
    page = sign_in(SHEN).get("/account", headers={"Accept-Language": "zh"}).text
    assert language_of(page) == "en"
    assert theme_of(page) == "dark"
    with database.reading() as session:
        row = session.scalars(select(Account).where(Account.login == SHEN)).one()
        assert (row.language, row.theme) == ("en", "dark")


def test_appearance_follows_the_system_until_chosen(client: FlaskClient) -> None:
    page = client.get("/login").text
    assert theme_of(page) == "system"
    client.post("/theme", data={"theme": "light", "csrf_token": token(page)})
    assert theme_of(client.get("/login").text) == "light"


@pytest.mark.parametrize(
    ("path", "form"), [("/language", {"language": "fr"}), ("/theme", {"theme": "sepia"})]
)
def test_an_unknown_choice_is_refused(client: FlaskClient, path: str, form: dict[str, str]) -> None:
    sent = {**form, "csrf_token": token(client.get("/login").text)}
    assert client.post(path, data=sent).status_code == 422


def test_a_forged_appearance_cookie_is_ignored(client: FlaskClient) -> None:
    client.set_cookie("perfflow_theme", '"><script>')
    assert theme_of(client.get("/login").text) == "system"


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_settings_never_lead_to_another_site(client: FlaskClient, path: str) -> None:
    page = client.get("/login").text
    form = {"language": "en", "theme": "dark", "next": "//elsewhere.example"}
    answer = client.post(path, data={**form, "csrf_token": token(page)})
    assert answer.location == "/"
