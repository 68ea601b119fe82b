"""The error mapper: a status, a sentence in the reader's language, and nothing half done."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import func, select

from perfflow.db import Database
from perfflow.web.models import Account
from tests.rooms.web.conftest import SHEN, SignIn, token


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("missing", 404),
        ("forbidden", 403),
        ("conflict", 409),
        ("rule", 422),
        ("rules", 422),
        ("stale", 409),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_each_expected_failure_has_its_status(
    sign_in: SignIn, kind: str, status: int, accept: str
) -> None:
    answer = sign_in(SHEN).get(f"/fail/{kind}", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.mimetype == accept


def test_a_broken_rule_is_said_in_the_readers_language(sign_in: SignIn) -> None:
    browser = sign_in(SHEN)
    assert "密码应为 10 到 256 个字符，现在是 3 个。" in browser.get("/fail/rule?lang=zh").text
    english = browser.get("/fail/rule?lang=en").text
    assert "Expected a password of 10 to 256 characters but got 3." in english


def test_a_program_gets_code_sentence_and_fields(sign_in: SignIn) -> None:
    answer = sign_in(SHEN).get("/fail/rules?lang=en", headers={"Accept": "application/json"})
    body = answer.get_json()
    assert body["code"] == "kernel.several_violations"
    assert body["errors"] == {
        "new_password_again": "The two new passwords are not the same.",
        "new_password": "The password must not contain the login.",
    }
    assert body["request_id"] == answer.headers["X-Request-Id"]


def test_a_surprise_shows_a_number_and_hides_its_details(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = sign_in(SHEN).get("/fail/surprise?lang=en")
    assert answer.status_code == 500
    number = answer.headers["X-Request-Id"]
    assert f"Number {number}" in answer.text
    assert "It was not saved; nothing has changed." in answer.text
    assert "secret detail" not in answer.text
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_surprise_keeps_the_chosen_language(sign_in: SignIn) -> None:
    browser = sign_in(SHEN)
    browser.set_cookie("perfflow_language", "en")
    assert "Something went wrong with us" in browser.get("/fail/surprise").text


def test_a_failed_write_leaves_nothing_behind(sign_in: SignIn, database: Database) -> None:
    browser = sign_in(SHEN)
    form = token(browser.get("/account").text)
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Account))
    answer = browser.post("/write", data={"csrf_token": form}, headers={"Referer": "/account"})
    with database.reading() as session:
        after = session.scalar(select(func.count()).select_from(Account))
    assert answer.status_code == 422
    assert 'href="/account">' in answer.text
    assert before == after == 3


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nowhere", "GET", 404), ("/team", "POST", 405), ("/logout", "GET", 405)],
)
def test_wrong_addresses_and_methods_get_a_page(
    sign_in: SignIn, path: str, method: str, status: int
) -> None:
    browser = sign_in(SHEN)
    form = token(browser.get("/account").text)
    answer = browser.open(path, method=method, headers={"X-CSRFToken": form})
    assert answer.status_code == status
    assert "PerfFlow" in answer.text


def test_a_stranger_gets_the_error_page_too(sign_in: SignIn) -> None:
    assert (
        "没有你能看的内容" in sign_in(SHEN).application.test_client().get("/nowhere?lang=zh").text
    )
