"""Files of people: all rows are taken, or none, with every error at its row."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from perfflow.db import Database
from perfflow.kernel.errors import BadInput, NotAllowed
from perfflow.people import queries
from perfflow.people.actions.imports import import_people
from perfflow.people.models import Employee
from tests.support.cast import act_as, ADVISOR, HR

HEADER = "no,name_zh,name_en,email,gender,grade,hired_on,post_code,unit_code,manager_no\n"
GOOD = "E00100,林知行,Lin Zhixing,lin@firm.example,M,2,2025-02-01,FA,T01,E00003\n"


def test_a_good_file_is_taken_whole(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        report = import_people(
            session, act_as(session, HR), start, "employees", "new.csv", (HEADER + GOOD).encode()
        )
    assert (report.rows, report.errors) == (1, ())
    with firm.reading() as session:
        assert queries.manager_of(session, "E00100", date(2025, 2, 1)) == "E00003"


def test_one_bad_row_keeps_the_others_out(firm: Database, start: datetime) -> None:
    bad = "E00101,林二,Lin Er,not-a-mail,M,2,2025-02-30,FA,T01,E00003\n"
    with firm.writing() as session:
        report = import_people(
            session, act_as(session, HR), start, "employees", "new.csv",
            (HEADER + GOOD + bad).encode(),
        )  # fmt: skip
    assert {(error.row, error.field) for error in report.errors} == {(2, "email"), (2, "hired_on")}
    with firm.reading() as session:
        assert session.get(Employee, "E00100") is None


def test_a_row_that_breaks_a_rule_undoes_the_file(firm: Database, start: datetime) -> None:
    taken = GOOD.replace("E00100", ADVISOR.no)
    with firm.writing() as session:
        report = import_people(
            session, act_as(session, HR), start, "employees", "new.csv",
            (HEADER + GOOD + taken).encode(),
        )  # fmt: skip
    assert [(error.row, error.code) for error in report.errors] == [(2, "people.employee_exists")]
    with firm.reading() as session:
        assert session.get(Employee, "E00100") is None


def test_units_come_as_json_too(firm: Database, start: datetime) -> None:
    rows = [
        {
            "code": "B03", "name_zh": "南岸支行", "name_en": "South Bank branch",
            "kind": "branch", "parent_code": "FIRM", "valid_from": "2025-01-01",
        },
        {
            "code": "T03", "name_zh": "三组", "name_en": "Team 3", "kind": "team",
            "parent_code": "B03", "valid_from": "2025-01-01",
        },
    ]  # fmt: skip
    with firm.writing() as session:
        import_people(
            session, act_as(session, HR), start, "units", "u.json", json.dumps(rows).encode()
        )
    with firm.reading() as session:
        assert queries.unit(session, "T03").path == "FIRM/B03/T03"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"no,name_zh\nE1,x\n", "people.column_missing"),
        ("a.json", b"{}", "people.not_json"),
        ("a.csv", b"\xff\xfe\x00", "people.not_utf8"),
        ("a.json", b"[]", "people.file_empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    firm: Database, start: datetime, name: str, content: bytes, code: str
) -> None:
    with firm.writing() as session, pytest.raises(BadInput) as caught:
        import_people(session, act_as(session, HR), start, "employees", name, content)
    assert caught.value.code == code


def test_unknown_columns_are_named(firm: Database, start: datetime) -> None:
    header = HEADER.replace("manager_no", "boss")
    with firm.writing() as session:
        report = import_people(
            session, act_as(session, HR), start, "employees", "new.csv", (header + GOOD).encode()
        )
    assert [(error.field, error.code) for error in report.errors] == [
        ("boss", "people.field_unknown")
    ]


def test_only_hr_takes_in_files(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(NotAllowed):
        import_people(
            session, act_as(session, ADVISOR), start, "employees", "new.csv",
            (HEADER + GOOD).encode(),
        )  # fmt: skip
