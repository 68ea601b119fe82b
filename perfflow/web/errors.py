"""The one error mapper: every failure becomes a status and a page (or JSON) with a way on."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from perfflow.i18n import translate, word
from perfflow.kernel.errors import Conflict, PerfFlowError, RuleViolations
from perfflow.web.requests import current_language, end_reading
from perfflow.web.responses import problem_json, request_id, wants_json

logger = logging.getLogger(__name__)
KNOWN_PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422})


def install_error_mapper(app: Flask) -> None:
    """Map expected errors, HTTP errors and surprises once for the whole application."""
    app.register_error_handler(PerfFlowError, on_expected)
    app.register_error_handler(StaleDataError, on_stale)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_surprise)


def on_expected(error: PerfFlowError) -> Response | tuple[str, int]:
    """A failure that the product foresaw; nothing was changed."""
    end_reading()
    sentence = word(error, current_language())
    if wants_json():
        return problem_json(
            error.status, error.code, sentence, field=error.field, errors=field_errors(error)
        )
    return _page(error.status, sentence)


def on_stale(error: StaleDataError) -> Response | tuple[str, int]:
    """Somebody else saved the same row first."""
    return on_expected(Conflict("web.changed_meanwhile"))


def on_csrf(error: CSRFError) -> Response | tuple[str, int]:
    """The form's token is missing or too old."""
    return _coded(400, "web.form_token_expired")


def on_http(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
    """Errors of the protocol: no such address, wrong method, too large."""
    status = error.code or 500
    if status < 400:
        return error
    code = f"web.status_{status}" if status in KNOWN_PAGES else "web.status_other"
    return _coded(status, code)


def on_surprise(error: Exception) -> Response | tuple[str, int]:
    """Anything unforeseen: logged with its number; the page promises that nothing was saved."""
    g.is_failing = True
    logger.exception("request %s failed: %s %s", request_id(), request.method, request.path)
    try:
        end_reading()
    except Exception:  # the database itself may be what failed
        logger.exception("request %s: the read session could not be closed", request_id())
    return _coded(500, "web.status_500")


def field_errors(error: PerfFlowError) -> dict[str, str] | None:
    """Field → sentence for errors that belong to fields."""
    violations = error.violations if isinstance(error, RuleViolations) else [error]
    language = current_language()
    found = {one.field: word(one, language) for one in violations if one.field}
    return found or None


def _coded(status: int, code: str) -> Response | tuple[str, int]:
    if wants_json():
        return problem_json(status, code)
    return _page(status, translate(code, None, current_language()))


def _page(status: int, sentence: str) -> tuple[str, int]:
    page = status if status in KNOWN_PAGES else 500
    return (
        render_template(
            "web/error.html",
            status=page,
            sentence=sentence,
            number=request_id(),
            back=request.referrer if request.method != "GET" else None,
        ),
        status,
    )
