"""Putting the web layer into a Flask application; app.py calls this once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, g
from flask_babel import Babel

from perfflow.db import Database
from perfflow.i18n import Language, LOCALES
from perfflow.kernel.clock import Clock
from perfflow.web.errors import install_error_mapper
from perfflow.web.ports import NoPrincipals, Principals, WaitingCounts
from perfflow.web.rendering import install_rendering, STATIC
from perfflow.web.requests import current_language, end_reading, EXTENSION, WebParts
from perfflow.web.security import install_security
from perfflow.web.views import blueprint

SESSION_LIFETIME = timedelta(hours=12)
MAXIMUM_UPLOAD = 16 * 1024 * 1024
STATIC_AGE = timedelta(days=365)


def create_base_app(secret_key: str, *, secure_cookies: bool = False) -> Flask:
    """A Flask application with the product's static files and cookie settings, still empty."""
    app = Flask(
        "perfflow", static_folder=str(STATIC), template_folder=str(STATIC.parent / "templates")
    )
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="perfflow_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_AGE,
        MAX_CONTENT_LENGTH=MAXIMUM_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAXIMUM_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=LOCALES["zh"],
    )
    return app


def install(
    app: Flask,
    *,
    database: Database,
    clock: Clock,
    principals: Principals | None = None,
    waiting_counts: WaitingCounts | None = None,
    shows_firm_time: bool = False,
    firm_name: dict[Language, str] | None = None,
) -> None:
    """Plug the parts in: who people are, what waits for them, the database and the clock.

    ``shows_firm_time`` puts the clock into the top bar (a firm that lives on its own time).
    """
    app.extensions[EXTENSION] = WebParts(
        database=database,
        clock=clock,
        principals=principals or NoPrincipals(),
        waiting_counts=waiting_counts,
        shows_firm_time=shows_firm_time,
        firm_name=firm_name or {"zh": "示例理财", "en": "Sample Wealth"},
    )
    # WTForms words its own checks through Flask-Babel; ours come from perfflow.i18n.
    Babel(app, locale_selector=lambda: LOCALES[current_language()], configure_jinja=False)
    install_security(app)
    install_error_mapper(app)
    install_rendering(app)
    app.register_blueprint(blueprint)
    app.teardown_appcontext(_close)


def _close(_error: BaseException | None) -> None:
    if "read_scope" in g:
        end_reading()
