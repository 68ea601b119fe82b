"""Settings: what an installation says in PERFFLOW_* variables, and what it gets without them."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from perfflow.config import Settings
from perfflow.kernel.errors import BadInput


def settings(**variables: str) -> Settings:
    return Settings.from_environment(variables)


def test_without_variables_everything_is_local() -> None:
    plain = settings()
    assert plain.database_url == f"sqlite:///{Path('var').absolute()}/perfflow.db"
    assert (plain.host, plain.port) == ("127.0.0.1", 8000)
    assert plain.base_url == "http://127.0.0.1:8000"
    assert (plain.now, plain.mail, plain.secret) == (None, None, None)


def test_a_checkout_brings_its_own_configuration() -> None:
    plain = settings()
    root = Path(__file__).resolve().parents[2]
    assert plain.processes == root / "processes"
    assert plain.forms == root / "forms"
    assert plain.catalogue == root / "catalogue"
    assert plain.migrations == root / "migrations"


def test_a_folder_may_be_named(tmp_path: Path) -> None:
    assert settings(PERFFLOW_FORMS=str(tmp_path)).forms == tmp_path
    with pytest.raises(BadInput) as caught:
        settings(PERFFLOW_FORMS=str(tmp_path / "nowhere"))
    assert caught.value.code == "config.no_folder"
    assert caught.value.params["variable"] == "PERFFLOW_FORMS"


@pytest.mark.parametrize("variables", [{"PORT": "8080"}, {"PERFFLOW_PORT": "8080", "PORT": "1"}])
def test_the_port_has_a_long_and_a_short_name(variables: dict[str, str]) -> None:
    assert settings(**variables).port == 8080
    assert settings(**variables).base_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("text", ["eighty", "-1", "65536", "80.0", "８０"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings(PERFFLOW_PORT=text)
    assert caught.value.code == "config.bad_port"
    assert caught.value.params["got"] == text


def test_the_clock_of_the_firm_may_be_set() -> None:
    now = settings(PERFFLOW_NOW="2026-01-30T09:00+08:00").now
    assert now == datetime.fromisoformat("2026-01-30T01:00:00+00:00")
    assert now is not None
    assert now.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("text", ["tomorrow", "2026-01-30", "2026-01-30T09:00"])
def test_a_clock_without_a_zone_or_a_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings(PERFFLOW_NOW=text)
    assert caught.value.code == "config.bad_instant"


def test_the_mail_server_is_described_by_variables() -> None:
    mail = settings(PERFFLOW_MAIL_HOST="mail.example.com", PERFFLOW_MAIL_USER="hr").mail
    assert mail is not None
    assert (mail.host, mail.port, mail.user) == ("mail.example.com", 587, "hr")
    assert mail.sender == "perfflow@mail.example.com"
    assert mail.starttls
    off = settings(PERFFLOW_MAIL_HOST="mail.example.com", PERFFLOW_MAIL_STARTTLS="no").mail
    assert off is not None
    assert not off.starttls
    with pytest.raises(BadInput):
        settings(PERFFLOW_MAIL_HOST="mail.example.com", PERFFLOW_MAIL_STARTTLS="maybe")


def test_the_secret_is_the_given_one_else_one_made_once(tmp_path: Path) -> None:
    var = tmp_path / "var"
    assert settings(PERFFLOW_SECRET_KEY="given", PERFFLOW_VAR=str(var)).secret_key() == "given"
    assert not var.exists()
    made = settings(PERFFLOW_VAR=str(var)).secret_key()
    assert len(made) == 64
    assert settings(PERFFLOW_VAR=str(var)).secret_key() == made
    assert stat.S_IMODE((var / "secret.key").stat().st_mode) == 0o600


def test_the_command_line_may_say_otherwise() -> None:
    plain = settings()
    moved = plain.with_port(9000)
    assert (moved.port, moved.base_url) == (9000, "http://127.0.0.1:9000")
    public = settings(PERFFLOW_BASE_URL="https://perf.example.com/").with_port(9000)
    assert public.base_url == "https://perf.example.com"
    assert plain.with_database("sqlite:///x.db").database_url == "sqlite:///x.db"
    instant = datetime.fromisoformat("2026-01-30T09:00+08:00")
    assert plain.at(instant).now == instant
    assert plain.now is None


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        settings().port = 1  # type: ignore[misc]
