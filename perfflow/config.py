"""Settings of an installation, read from ``PERFFLOW_*`` variables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from perfflow.kernel.errors import BadInput

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent
_DEFAULTS = _PACKAGE / "_defaults"
_SECRET_FILE = "secret.key"
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that notifications go out through."""

    host: str
    port: int
    sender: str
    user: str | None
    password: str | None
    starttls: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations; the reference lists every variable."""

    database_url: str
    var_dir: Path
    host: str
    port: int
    base_url: str
    now: datetime | None
    secret: str | None
    mail: MailSettings | None
    jobs: str  # embedded, procrastinate
    processes: Path
    forms: Path
    catalogue: Path
    migrations: Path
    fonts: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the variables; a value that cannot be read is :class:`BadInput`."""
        env = os.environ if environment is None else environment
        var_dir = Path(env.get("PERFFLOW_VAR", "var")).absolute()
        host = env.get("PERFFLOW_HOST", "127.0.0.1")
        port = _port(env, "PERFFLOW_PORT", env.get("PORT") or "8000")
        return cls(
            database_url=env.get("PERFFLOW_DATABASE_URL") or f"sqlite:///{var_dir}/perfflow.db",
            var_dir=var_dir,
            host=host,
            port=port,
            base_url=env.get("PERFFLOW_BASE_URL", f"http://{host}:{port}").rstrip("/"),
            now=_instant(env, "PERFFLOW_NOW"),
            secret=env.get("PERFFLOW_SECRET_KEY") or None,
            mail=_mail(env),
            jobs=_jobs(env),
            processes=_root(env, "processes"),
            forms=_root(env, "forms"),
            catalogue=_root(env, "catalogue"),
            migrations=_root(env, "migrations"),
            fonts=_folder(env, "PERFFLOW_FONTS"),
        )

    def with_port(self, port: int) -> Settings:
        """The same installation on another port; its own address follows."""
        old, new = (f"http://{self.host}:{number}" for number in (self.port, port))
        base_url = new if self.base_url == old else self.base_url
        return replace(self, port=port, base_url=base_url)

    def with_database(self, url: str) -> Settings:
        """The same settings on another database."""
        return replace(self, database_url=url)

    def at(self, now: datetime) -> Settings:
        """The same settings with the firm's clock set to ``now``."""
        return replace(self, now=now)

    def secret_key(self) -> str:
        """The key that signs sessions: the variable, else a file under ``var_dir`` made once."""
        if self.secret:
            return self.secret
        path = self.var_dir / _SECRET_FILE
        self.var_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            key = secrets.token_hex(32)
            file.write(key)
        return key


def _root(env: Mapping[str, str], name: str) -> Path:
    """A folder of configuration: the variable, else the checkout's, else the wheel's copy."""
    given = _folder(env, f"PERFFLOW_{name.upper()}")
    if given:
        return given
    checkout = _CHECKOUT / name
    is_checkout = (_CHECKOUT / "pyproject.toml").is_file() and checkout.is_dir()
    return checkout if is_checkout else _DEFAULTS / name


def _folder(env: Mapping[str, str], variable: str) -> Path | None:
    given = env.get(variable)
    if not given:
        return None
    folder = Path(given).absolute()
    if not folder.is_dir():
        raise BadInput("config.no_folder", variable=variable, got=given)
    return folder


def _port(env: Mapping[str, str], name: str, default: str) -> int:
    text = env.get(name) or default
    if not text.isascii() or not text.isdigit() or int(text) > _HIGHEST_PORT:
        raise BadInput("config.bad_port", variable=name, got=text)
    return int(text)


def _instant(env: Mapping[str, str], name: str) -> datetime | None:
    text = env.get(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("config.bad_instant", variable=name, got=text) from error
    if instant.tzinfo is None:
        raise BadInput("config.bad_instant", variable=name, got=text)
    return instant


def _jobs(env: Mapping[str, str]) -> str:
    """The engine of background work."""
    engine = env.get("PERFFLOW_JOBS") or "embedded"
    if engine not in ("embedded", "procrastinate"):
        raise BadInput("jobs.bad_engine", got=engine)
    return engine


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").lower()
    if text in ("", "1", "true", "yes", "0", "false", "no"):
        return default if not text else text in ("1", "true", "yes")
    raise BadInput("config.bad_flag", variable=name, got=text)


def _mail(env: Mapping[str, str]) -> MailSettings | None:
    host = env.get("PERFFLOW_MAIL_HOST")
    if not host:
        return None
    return MailSettings(
        host=host,
        port=_port(env, "PERFFLOW_MAIL_PORT", "587"),
        sender=env.get("PERFFLOW_MAIL_SENDER", f"perfflow@{host}"),
        user=env.get("PERFFLOW_MAIL_USER") or None,
        password=env.get("PERFFLOW_MAIL_PASSWORD") or None,
        starttls=_flag(env, "PERFFLOW_MAIL_STARTTLS", default=True),
    )
