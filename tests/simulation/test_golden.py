"""The golden scenario: six people through the whole cycle, to the 分, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from perfflow.checks import run_checks
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.goals.models import GoalSheet
from perfflow.payouts.models import LedgerEntry
from perfflow.plans.rules.bonus import VetoShare
from perfflow.simulation import golden
from perfflow.workflow.models import Incident, UserTask
from tests.support.databases import PostgresDatabases, SqliteDatabases, Stage

Databases = SqliteDatabases | PostgresDatabases
Stages = dict[VetoShare, Stage]
NAMES = (
    "band", "clean_band", "raw_fen", "clean_raw_fen", "award_fen", "deferred_fen", "tranches_fen",
    "now_fen", "held_fen", "returned_fen", "net_fen",
)  # fmt: skip


def person(*values: Any) -> dict[str, Any]:
    return dict(zip(NAMES, values, strict=True))


def paid(band: str, raw: int, award: int) -> dict[str, Any]:
    """Nothing deferred, nothing held."""
    return person(band, band, raw, raw, award, 0, [], award, 0, 0, award)


REDISTRIBUTE = {
    "k": "35000000/37652009",
    "people": {
        "E1": paid("A", 8_134_862, 7_561_885),
        "E2": paid("B", 3_693_699, 3_433_534),
        "E3": person(
            "S", "S", 15_904_350, 15_904_350, 14_784_132, 5_913_653,
            [1_971_217, 1_971_218, 1_971_218], 8_870_479, 0, 0, 8_870_479,
        ),
        "E4": person("D", "A", 0, 7_560_000, 0, 0, [], 0, 0, 0, 0),
        "E5": paid("C", 3_893_148, 3_618_935),
        "E6": person("B", "B", 6_025_950, 6_025_950, 5_601_514, 0, [], 5_601_514, 5_601_514, 0, 0),
    },
    "award_sum_fen": 35_000_000,
    "returned_fen": 0,
    "surplus_fen": 0,
}  # fmt: skip
RETURN = {
    "k": "35000000/45212009",
    "people": {
        "E1": paid("A", 8_134_862, 6_297_446),
        "E2": paid("B", 3_693_699, 2_859_406),
        "E3": person(
            "S", "S", 15_904_350, 15_904_350, 12_312_044, 4_924_818,
            [1_641_606, 1_641_606, 1_641_606], 7_387_226, 0, 0, 7_387_226,
        ),
        "E4": person("D", "A", 0, 7_560_000, 0, 0, [], 0, 0, 5_852_427, 0),
        "E5": paid("C", 3_893_148, 3_013_805),
        "E6": person("B", "B", 6_025_950, 6_025_950, 4_664_872, 0, [], 4_664_872, 4_664_872, 0, 0),
    },
    "award_sum_fen": 29_147_573,
    "returned_fen": 5_852_427,
    "surplus_fen": 0,
}  # fmt: skip


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("mode", "expected"), [(VetoShare.REDISTRIBUTE, REDISTRIBUTE), (VetoShare.RETURN, RETURN)]
)
def test_the_golden_tables_come_out_to_the_fen(
    databases: Databases, golden_stages: Stages, mode: VetoShare, expected: dict[str, Any]
) -> None:
    with databases.fresh(stage=golden_stages[mode]) as database, database.reading() as session:
        assert golden.outcome(session) == expected
        answer = run_checks(session)
        assert (answer["ok"], answer["findings"]) == (True, [])
        assert all(count > 0 for count in answer["checked"].values())


def test_everybody_really_agreed_on_goals_and_nothing_failed(
    databases: Databases, golden_stages: Stages
) -> None:
    stage = golden_stages[VetoShare.RETURN]
    with databases.fresh(stage=stage) as database, database.reading() as session:
        assert session.scalars(select(Incident.id)).all() == []
        sheets = session.execute(select(GoalSheet.status, func.count()).group_by(GoalSheet.status))
        assert [tuple(row) for row in sheets] == [("locked", 6)]
        mediated = select(UserTask.id).where(UserTask.element_id == "mediate-goals")
        assert session.scalars(mediated).all() == []


def test_what_is_awarded_and_returned_adds_up_to_the_pool_in_the_ledger_too(
    databases: Databases, golden_stages: Stages
) -> None:
    stage = golden_stages[VetoShare.RETURN]
    with databases.fresh(stage=stage) as database, database.reading() as session:
        sums = dict(
            session.execute(
                select(LedgerEntry.kind, func.sum(LedgerEntry.amount_fen)).group_by(
                    LedgerEntry.kind
                )
            ).all()
        )
        assert sums["AWARD"] == 29_147_573
        assert abs(sums["DEFER"]) == 4_924_818
        assert abs(sums["RETURN"]) == 5_852_427
        assert sums["AWARD"] + abs(sums["RETURN"]) == golden.POOL_FEN


def test_the_answer_has_exactly_the_promised_keys(
    databases: Databases,
    golden_stages: Stages,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The years are played above; here it is only how their outcome is put together."""
    played: list[VetoShare] = []
    monkeypatch.setattr(golden, "_fresh", Database)
    monkeypatch.setattr(golden, "play", lambda database, settings, mode: played.append(mode))
    with databases.fresh(stage=golden_stages[VetoShare.RETURN]) as database:
        url = database.engine.url.render_as_string(hide_password=False)
        answer = golden.golden(settings, url)
    assert played == [VetoShare.REDISTRIBUTE, VetoShare.RETURN]
    assert list(answer) == ["scenario", "database", "pool_fen", "modes", "check"]
    assert (answer["scenario"], answer["pool_fen"]) == ("golden", 35_000_000)
    assert answer["database"] in ("sqlite", "postgresql")
    assert list(answer["modes"]) == ["redistribute", "return"]
    assert answer["modes"]["return"] == RETURN
    assert answer["check"] == {"ok": True, "findings": 0}
