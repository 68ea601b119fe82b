"""What protects every answer: form tokens, the content security policy, headers, the secret."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from perfflow.web import secret_from_file
from tests.rooms.web.conftest import PASSWORD, SHEN, SignIn, token

PAGES = ["/login", "/nowhere", "/static/css/base.css"]


def headers_of(client: FlaskClient, path: str) -> Headers:
    """The headers of a page or a file; the file is closed again."""
    with client.get(path) as answer:
        assert answer.status_code in (200, 404)
        return answer.headers


def policy(header: str) -> dict[str, list[str]]:
    rules = (rule.split() for rule in header.split(";"))
    return {name: values for name, *values in rules}


@pytest.mark.parametrize("path", PAGES)
def test_scripts_and_styles_come_from_here_only(client: FlaskClient, path: str) -> None:
    rules = policy(headers_of(client, path)["Content-Security-Policy"])
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == ["'self'"]
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
    assert "'unsafe-inline'" not in str(rules)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_protecting_headers_and_a_number(
    client: FlaskClient, path: str
) -> None:
    headers = headers_of(client, path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}", headers["X-Request-Id"])


def test_pages_are_not_kept_and_static_files_are(client: FlaskClient) -> None:
    assert headers_of(client, "/login")["Cache-Control"] == "no-store"
    assert "max-age=31536000" in headers_of(client, "/static/css/base.css")["Cache-Control"]


def test_a_page_refers_to_its_static_files_by_their_content(client: FlaskClient) -> None:
    page = client.get("/login").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 5
    assert all(re.search(r"\?v=[0-9a-f]{10}$", address) for address in addresses)
    assert all("max-age" in headers_of(client, address)["Cache-Control"] for address in addresses)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login", {"login": SHEN, "password": PASSWORD}),
        ("/language", {"language": "en"}),
        ("/theme", {"theme": "dark"}),
        ("/logout", {}),
        ("/account/password", {"current_password": PASSWORD}),
    ],
)
def test_a_form_without_its_token_changes_nothing(
    sign_in: SignIn, path: str, form: dict[str, str]
) -> None:
    browser = sign_in(SHEN)
    answer = browser.post(path, data=form)
    assert answer.status_code == 400
    assert "perfflow_language" not in str(answer.headers.getlist("Set-Cookie"))
    assert "perfflow_theme" not in str(answer.headers.getlist("Set-Cookie"))
    assert browser.get("/").text == "today"


def test_a_token_of_somebody_elses_session_is_refused(sign_in: SignIn) -> None:
    foreign = token(sign_in(SHEN).get("/account").text)
    assert sign_in(SHEN).post("/logout", data={"csrf_token": foreign}).status_code == 400


def test_a_program_may_send_the_token_as_a_header(sign_in: SignIn) -> None:
    browser = sign_in(SHEN)
    form = token(browser.get("/account").text)
    answer = browser.post("/theme", data={"theme": "dark"}, headers={"X-CSRFToken": form})
    assert answer.status_code == 303


def test_an_old_form_explains_itself_in_both_languages(client: FlaskClient) -> None:
    assert "这张表单放得太久了" in client.post("/login?lang=zh").text
    assert "This form is too old to be sent" in client.post("/login?lang=en").text


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret"
    made = secret_from_file(path)
    assert len(made) >= 48
    assert secret_from_file(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
