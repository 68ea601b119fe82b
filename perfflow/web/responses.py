"""Answers that are the same everywhere: problem documents for programs, safe local paths."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import g, jsonify, request
from werkzeug.wrappers import Response

from perfflow.i18n import translate
from perfflow.web.requests import current_language


def wants_json() -> bool:
    """True when the caller sends or asks for JSON rather than a page."""
    if request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def problem_json(status: int, code: str, message: str | None = None, **members: Any) -> Response:
    """A problem as JSON: status, code, a sentence in the caller's language, the request id."""
    sentence = message or translate(code, members.get("params"), current_language())
    body = {"status": status, "code": code, "message": sentence, "request_id": request_id()}
    body.update({name: value for name, value in members.items() if value is not None})
    body.pop("params", None)
    response = jsonify(body)
    response.status_code = status
    return response


def request_id() -> str:
    """The number to quote when something goes wrong in this request."""
    found: str = g.get("request_id", "")
    return found


def local_path(target: str | None) -> str | None:
    """``target`` when it is a path on this site, else None: never send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 32 for character in target):
        return None
    parsed = urlsplit(target)
    return target if not parsed.scheme and not parsed.netloc else None
