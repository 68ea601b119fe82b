"""Telling people: once each, in the app and by mail, after the commit, in their language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.notifications import (
    Address,
    address_book,
    dead_letters,
    drain,
    DrainReport,
    latest_notifications,
    mark_all_read,
    mark_read,
    Message,
    notify,
    outbox_counts,
    plug_address_book,
    UndeliverableError,
    unread_count,
)
from perfflow.notifications.rules import CLAIM, DeliveryStatus, MAX_ATTEMPTS, next_try

LIN = "E00001"
WANG = "E00002"
CODE = "calendar.not_covered"
pytestmark = pytest.mark.both_databases


class Book:
    """Lin reads Chinese, Wang English; nobody else has an address."""

    def addresses(self, session: Session, employee_nos: Collection[str]) -> Mapping[str, Address]:
        known = {
            LIN: Address("lin@example.com", "林静", "zh"),
            WANG: Address("wang@example.com", "Wang Lei", "en"),
        }
        return {no: known[no] for no in employee_nos if no in known}


class Post:
    """A mail server that keeps letters and breaks on demand."""

    name = "mail"

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.trouble: Exception | None = None

    def deliver(self, message: Message) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.letters.append(message)


@pytest.fixture(autouse=True)
def book() -> Iterator[None]:
    before = address_book()
    plug_address_book(Book())
    yield
    plug_address_book(before)


@pytest.fixture
def post() -> Post:
    return Post()


def tell(database: Database, now: datetime, employee_no: str, key: str | None = None) -> bool:
    with database.writing() as session:
        return notify(session, now, employee_no, CODE, {"year": "2031"}, "/inbox/", key)


def test_a_notice_is_in_the_list_and_in_the_outbox(database: Database, now: datetime) -> None:
    assert tell(database, now, LIN)
    with database.reading() as session:
        notice = latest_notifications(session, LIN)[0]
        assert (notice.code, notice.params, notice.link) == (CODE, {"year": "2031"}, "/inbox/")
        assert notice.created_at == now
        assert unread_count(session, LIN) == 1
        assert unread_count(session, WANG) == 0
        assert outbox_counts(session)[DeliveryStatus.PENDING] == 1


def test_the_same_key_is_told_once_to_each_person(database: Database, now: datetime) -> None:
    assert tell(database, now, LIN, "task/7/rung/0")
    assert not tell(database, now, LIN, "task/7/rung/0")
    assert tell(database, now, WANG, "task/7/rung/0")
    assert tell(database, now, LIN, "task/7/rung/1")
    with database.reading() as session:
        assert unread_count(session, LIN) == 2
        assert outbox_counts(session)[DeliveryStatus.PENDING] == 3


def test_without_a_key_every_notice_counts(database: Database, now: datetime) -> None:
    assert tell(database, now, LIN)
    assert tell(database, now, LIN)
    with database.reading() as session:
        assert unread_count(session, LIN) == 2


def test_a_notice_of_a_failed_action_was_never_there(
    database: Database, now: datetime, post: Post
) -> None:
    def failing_action() -> None:
        with database.writing() as session:
            notify(session, now, LIN, CODE, {"year": "2031"})
            raise LookupError

    with pytest.raises(LookupError):
        failing_action()
    assert drain(database, now, post) == DrainReport()
    assert post.letters == []


def test_mail_is_worded_in_the_language_of_its_reader(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, LIN)
    tell(database, now, WANG)
    report = drain(database, now, post, base_url="https://perf.example.com")
    assert report == DrainReport(sent=2)
    chinese, english = post.letters
    assert chinese.to == "lin@example.com"
    assert "2031 年的节假日" in chinese.subject
    assert english.subject.startswith("The holidays of 2031")
    assert "Dear Wang Lei," in english.text
    assert "https://perf.example.com/inbox/" in english.text


def test_what_was_sent_is_not_sent_again(database: Database, now: datetime, post: Post) -> None:
    tell(database, now, LIN)
    drain(database, now, post)
    assert drain(database, now + timedelta(days=1), post) == DrainReport()
    assert len(post.letters) == 1


def test_a_server_that_is_away_is_tried_again_later(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, LIN)
    post.trouble = ConnectionRefusedError("nobody listens")
    assert drain(database, now, post) == DrainReport(failed=1)
    post.trouble = None
    assert drain(database, now + timedelta(seconds=59), post) == DrainReport()
    assert drain(database, now + timedelta(minutes=1), post) == DrainReport(sent=1)


def test_one_bad_letter_does_not_hold_up_the_others(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, "E09999")
    tell(database, now, LIN)
    assert drain(database, now, post) == DrainReport(sent=1, dead=1)
    with database.reading() as session:
        letter = dead_letters(session)[0]
        assert (letter.employee_no, letter.last_error) == ("E09999", "no address")


def test_a_refused_recipient_is_given_up_at_once(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, LIN)
    post.trouble = UndeliverableError("550 no such user")
    assert drain(database, now, post) == DrainReport(dead=1)
    with database.reading() as session:
        assert dead_letters(session)[0].last_error == "550 no such user"


def test_after_the_last_attempt_the_letter_is_dead(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, LIN)
    post.trouble = TimeoutError("slow")
    reports = []
    for _ in range(MAX_ATTEMPTS):
        reports.append(drain(database, now, post))
        now += timedelta(days=1)
    assert reports[:-1] == [DrainReport(failed=1)] * (MAX_ATTEMPTS - 1)
    assert reports[-1] == DrainReport(dead=1)
    assert drain(database, now, post) == DrainReport()


def test_a_crash_after_the_claim_makes_the_letter_due_again(
    database: Database, now: datetime, post: Post
) -> None:
    tell(database, now, LIN)
    post.trouble = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        drain(database, now, post)
    post.trouble = None
    assert drain(database, now + CLAIM - timedelta(seconds=1), post) == DrainReport()
    assert drain(database, now + CLAIM, post) == DrainReport(sent=1)


def test_without_a_channel_the_outbox_waits(database: Database, now: datetime) -> None:
    tell(database, now, LIN)
    assert drain(database, now, None) == DrainReport()
    with database.reading() as session:
        assert outbox_counts(session)[DeliveryStatus.PENDING] == 1


def test_people_read_their_own_notices_only(database: Database, now: datetime) -> None:
    tell(database, now, LIN)
    tell(database, now, WANG)
    with database.reading() as session:
        mine = latest_notifications(session, LIN)[0].id
    with database.writing() as session:
        assert mark_read(session, now, WANG, [mine]) == 0
        assert mark_read(session, now, LIN, [mine]) == 1
        assert mark_read(session, now, LIN, [mine]) == 0
        assert mark_all_read(session, now, WANG) == 1
    with database.reading() as session:
        assert unread_count(session, LIN) == unread_count(session, WANG) == 0


def test_pages_of_the_list_follow_each_other(database: Database, now: datetime) -> None:
    for _ in range(5):
        tell(database, now, LIN)
    with database.reading() as session:
        first = latest_notifications(session, LIN, limit=3)
        second = latest_notifications(session, LIN, before_id=first[-1].id, limit=3)
        numbers = [notice.id for notice in first + second]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 5


def test_pauses_grow_and_end(now: datetime) -> None:
    pauses = [next_try(now, attempts) for attempts in range(1, MAX_ATTEMPTS + 1)]
    assert pauses[-1] is None
    waits = [pause - now for pause in pauses[:-1] if pause is not None]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
