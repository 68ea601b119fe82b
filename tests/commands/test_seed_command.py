"""``perfflow seed``: the same firm for a seed, what was planted, and clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from perfflow.cli import main
from perfflow.db import Database
from perfflow.metrics.models import MetricValue
from perfflow.people.models import Employee
from perfflow.web.models import Account


def seeded(folder: Path, name: str, *extra: str) -> str:
    """The address of a database that the command has just filled with twelve people."""
    url = f"sqlite:///{folder / name}"
    arguments = ["seed", "--employees", "12", "--months", "2", "--seed", "7"]
    assert main([*arguments, "--database-url", url, *extra]) == 0
    return url


def test_a_seeded_database_holds_people_accounts_and_figures(tmp_path: Path) -> None:
    database = Database(seeded(tmp_path, "firm.db"))
    with database.reading() as session:
        people = session.scalar(select(func.count(Employee.no)))
        accounts = session.scalar(select(func.count(Account.id)))
        values = session.scalar(select(func.count(MetricValue.id)))
    database.dispose()
    assert people is not None
    assert people >= 12
    assert accounts == people
    assert values is not None
    assert values > 100


def test_the_same_seed_prints_the_same_fingerprints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeded(tmp_path, "one.db")
    first = capsys.readouterr().out
    seeded(tmp_path, "two.db")
    assert capsys.readouterr().out == first
    assert [line.split()[0] for line in first.splitlines()] == [
        "units",
        "employees",
        "assignments",
        "absences",
        "values",
    ]


def test_the_truth_file_says_what_was_planted(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    seeded(tmp_path, "firm.db", "--truth", str(truth), "--profile", "CN-BANK-WM")
    told = json.loads(truth.read_text(encoding="utf-8"))
    assert told["profile"] == "CN-BANK-WM"
    assert {"mis_sellers", "disengaged", "gate_cases", "high_potential"} <= told.keys()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--employees", "3"], "between 12 and 50000 people"),
        (["--months", "0"], "1 to 120 months"),
        (["--profile", "MARS"], "one of the profiles"),
    ],
)
def test_bad_arguments_are_one_sentence_a_language_and_exit_2(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert main(["seed", "--database-url", url, *arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    assert sentence in told[0]
    assert len(told) == 2


def test_a_database_with_people_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = seeded(tmp_path, "firm.db")
    assert main(["seed", "--employees", "12", "--database-url", url]) == 2
    assert "nothing was changed" in capsys.readouterr().err
