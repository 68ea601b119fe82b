"""Protection of every response: request id, security headers, form tokens, the secret."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
csrf = CSRFProtect()


def install_security(app: Flask) -> None:
    """Number each request, check form tokens, and add the headers to each response."""
    app.before_request(_number_request)
    app.after_request(_protect)
    csrf.init_app(app)


def _number_request() -> None:
    number = secrets.token_hex(4).upper()
    g.request_id = f"{number[:4]}-{number[4:]}"


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        # Pages hold personal data: no proxy keeps them, nor the back button after signing out.
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.add("Vary", "Cookie, Accept-Language")
    return response


def secret_from_file(path: Path) -> str:
    """The secret that signs session cookies; made on first use, readable by its owner only."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(48)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as target:
        target.write(secret)
    return secret
