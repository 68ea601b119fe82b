"""What a view needs of its request: the actor, the time, sessions to read and write, a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app, flash, g, has_request_context, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.db import Database
from perfflow.i18n import as_language, best_language, DEFAULT_LANGUAGE, Language, translate
from perfflow.kernel.actor import Actor
from perfflow.kernel.clock import Clock
from perfflow.kernel.errors import NotAllowed
from perfflow.web.identity import load_person, Person
from perfflow.web.ports import Principals, WaitingCounts

EXTENSION = "perfflow"
LANGUAGE_COOKIE = "perfflow_language"
THEME_COOKIE = "perfflow_theme"


@dataclass(frozen=True, slots=True)
class WebParts:
    """The parts that the application plugs into the web layer."""

    database: Database
    clock: Clock
    principals: Principals
    waiting_counts: WaitingCounts | None
    shows_firm_time: bool
    firm_name: dict[Language, str]


def parts() -> WebParts:
    """The plugged-in parts of the running application."""
    found: WebParts = current_app.extensions[EXTENSION]
    return found


def now() -> datetime:
    """The instant of this request on the firm's clock: asked once, so one request has one time."""
    if "now" not in g:
        g.now = parts().clock.now()
    instant: datetime = g.now
    return instant


def today() -> date:
    """The firm's calendar day of this request."""
    return local_date(now())


def reading() -> Session:
    """The request's session for reads; closed when the request ends or a write begins."""
    if "read_scope" not in g:
        g.read_scope = parts().database.reading()
        g.read_session = g.read_scope.__enter__()
    session: Session = g.read_session
    return session


@contextmanager
def writing() -> Iterator[Session]:
    """One unit of work: commits when the block ends well, rolls back on any error."""
    end_reading()
    with parts().database.writing() as session:
        yield session


def end_reading() -> None:
    """Give the read connection back; rows already loaded stay usable."""
    scope: AbstractContextManager[Session] | None = g.pop("read_scope", None)
    if scope is not None:
        # Detached first, so that the closing rollback does not empty what the page still shows.
        g.pop("read_session").expunge_all()
        scope.__exit__(None, None, None)


def current_person() -> Person | None:
    """The signed-in person, or None; loaded once per request."""
    if "person" not in g:
        g.person = _load_person()
    person: Person | None = g.person
    return person


def _load_person() -> Person | None:
    account_id, version = cookie.get("account"), cookie.get("version")
    if not isinstance(account_id, int) or not isinstance(version, int):
        return None
    return load_person(reading(), parts().principals, account_id, version, today())


def current_actor() -> Actor:
    """The actor of a request that needs one; ``requires`` has already let the person in."""
    person = current_person()
    if person is None:
        raise NotAllowed("web.sign_in_first")
    return person.actor


def current_language() -> Language:
    """The reader's language: ?lang=, the account's, the cookie's, then the browser's wish."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if "language" not in g:
        asked = as_language(request.args.get("lang"))
        # Reading the account may fail when the database does; the error page needs a language.
        person = g.get("person") if asked or g.get("is_failing") else current_person()
        g.language = asked or best_language(
            person.language if person else None,
            request.cookies.get(LANGUAGE_COOKIE),
            *[wish for wish, _ in request.accept_languages],
        )
    language: Language = g.language
    return language


def current_theme() -> str:
    """system, light or dark: the account's choice, else the cookie's."""
    person = g.get("person")
    theme = person.theme if person else request.cookies.get(THEME_COOKIE)
    return theme if theme in ("light", "dark") else "system"


def render(template: str, /, **context: Any) -> str:
    """The page ``template`` in the reader's language."""
    return render_template(template, **context)


def toast(code: str, **params: Any) -> None:
    """Say on the next page what has happened, in the past tense (a code of the catalogues)."""
    flash(translate(code, params, current_language()), "toast")
