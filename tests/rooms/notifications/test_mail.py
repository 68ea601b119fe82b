"""Letters on the wire: a small SMTP server of the test's own listens."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from perfflow.config import MailSettings
from perfflow.notifications import mail_channel, Message, UndeliverableError


class _Session(socketserver.StreamRequestHandler):
    """Speaks just enough SMTP for one letter."""

    def handle(self) -> None:
        server: MailServer = self.server  # type: ignore[assignment]
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"RCPT":
                self.say(server.answer)
            elif verb == b"DATA":
                self.say("354 go on")
                server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the letters it was given; ``answer`` is what it says to a recipient."""

    allow_reuse_address = True
    daemon_threads = True
    answer = "250 ok"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[bytes] = []

    @property
    def settings(self) -> MailSettings:
        port = self.server_address[1]
        return MailSettings("127.0.0.1", port, "hr@example.com", None, None, starttls=False)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_letter_arrives_with_its_chinese_intact(server: MailServer) -> None:
    channel = mail_channel(server.settings)
    assert channel is not None
    channel.deliver(Message("lin@example.com", "林静", "请确认目标", "您好，\n请查看。\n"))
    letter = message_from_bytes(server.letters[0], policy=policy.default)
    assert letter["Subject"] == "请确认目标"
    assert letter["To"] == "林静 <lin@example.com>"
    assert letter["From"] == "PerfFlow <hr@example.com>"
    assert letter.get_content().splitlines() == ["您好，", "请查看。"]


def test_a_line_break_in_a_name_adds_no_header(server: MailServer) -> None:
    channel = mail_channel(server.settings)
    assert channel is not None
    channel.deliver(Message("lin@example.com", "Lin\r\nBcc: x@example.com", "a\nb", "text\n"))
    letter = message_from_bytes(server.letters[0], policy=policy.default)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "a b"


def test_a_recipient_that_does_not_exist_is_hopeless(server: MailServer) -> None:
    server.answer = "550 no such user"
    channel = mail_channel(server.settings)
    assert channel is not None
    with pytest.raises(UndeliverableError, match="550"):
        channel.deliver(Message("nobody@example.com", "Nobody", "subject", "text"))


def test_a_full_mailbox_may_be_tried_again(server: MailServer) -> None:
    server.answer = "452 mailbox full"
    channel = mail_channel(server.settings)
    assert channel is not None
    with pytest.raises(Exception, match="452") as caught:
        channel.deliver(Message("lin@example.com", "Lin", "subject", "text"))
    assert not isinstance(caught.value, UndeliverableError)


def test_an_installation_without_a_mail_server_has_no_channel() -> None:
    assert mail_channel(None) is None
