"""Ways out of the house: mail through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import Protocol

from perfflow.config import MailSettings

_TIMEOUT_SECONDS = 20
_HOPELESS_FROM = 500  # SMTP answers from 500 on are for good


@dataclass(frozen=True, slots=True)
class Message:
    """A worded message to one person."""

    to: str
    name: str
    subject: str
    text: str


class UndeliverableError(Exception):
    """The message will not arrive however often it is tried."""


class Channel(Protocol):
    """Delivers one message, or raises: :class:`UndeliverableError` for good, others for now."""

    name: str

    def deliver(self, message: Message) -> None: ...


class SmtpChannel:
    """Mail through one SMTP server, one connection a message."""

    name = "mail"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def deliver(self, message: Message) -> None:
        settings = self._settings
        letter = _letter(message, settings.sender)
        try:
            with smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_SECONDS) as server:
                if settings.starttls:
                    server.starttls(context=ssl.create_default_context())
                if settings.user and settings.password:
                    server.login(settings.user, settings.password)
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            answers = [code for code, _ in error.recipients.values()]
            if answers and min(answers) >= _HOPELESS_FROM:
                raise UndeliverableError(str(error)) from error
            raise


def _letter(message: Message, sender: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = formataddr(("PerfFlow", sender))
    # A name or subject with a line break would be a second header: the mail library refuses it.
    letter["To"] = formataddr((" ".join(message.name.split()), message.to))
    letter["Subject"] = " ".join(message.subject.split())
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    return letter


def mail_channel(settings: MailSettings | None) -> Channel | None:
    """The mail channel of an installation; None where no server is set."""
    return None if settings is None else SmtpChannel(settings)
