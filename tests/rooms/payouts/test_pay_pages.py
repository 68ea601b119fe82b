"""Pay on the web: who reads which page, what it says, dry runs, and the payment file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from perfflow.kernel.actor import SYSTEM
from perfflow.payouts import actions, queries
from perfflow.payouts.models import Pool
from tests.support.cast import (
    ADMIN,
    AUDITOR,
    CHIEF,
    COLLEAGUE,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.golden import (
    awards,
    build_golden,
    CASHIER,
    COMMITTEE,
    E1,
    E2,
    E3,
    E4,
    E6,
    FINANCE,
    pay,
    PAY_DAY,
    PAYERS,
    SIX,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import YEAR

LINE = (MANAGER, HEAD, CHIEF)
KEEPERS = (FINANCE, CASHIER, COMMITTEE, AUDITOR)
STRANGERS = (COLLEAGUE, OUTSIDER, OTHER_MANAGER, HR, COMPLIANCE, ADMIN, E2)


def names(person: Person) -> str:
    return person.name_en


@pytest.fixture(scope="module")
def pages(databases: Any) -> Iterator[Pages]:
    """The pool is released in the mode that shares a veto out; a second pool waits to be run."""
    with databases.fresh() as database:
        with database.writing() as session:
            pool = build_golden(session)
            pay(session, pool, "redistribute")
            session.add(
                Pool(
                    cycle_code=YEAR, code="B02", unit_code="B02", amount_fen=None,
                    veto_share="return", status="open",
                )
            )  # fmt: skip
        yield open_pages(database, PAY_DAY, "payouts", also=(*PAYERS, *SIX))


def keys(pages: Pages, name: str = "E1") -> tuple[int, int]:
    """The ids of the released run and of the award of E1 … E6 in it."""
    with pages.database.reading() as session:
        run = queries.booked_run(session, queries.pool_named(session, YEAR, "B01").id)
        assert run is not None
        return run.id, awards(session, run)[name].id


def run_of(pages: Pages) -> str:
    return f"/payouts/runs/{keys(pages)[0]}"


def statement_of(pages: Pages, name: str) -> str:
    return f"/payouts/statements/{keys(pages, name)[1]}"


@pytest.mark.parametrize("person", [E1, *LINE, *KEEPERS], ids=names)
def test_the_person_her_line_and_the_keepers_of_pay_read_a_statement(
    pages: Pages, person: Person
) -> None:
    page = pages.visit(person).get(statement_of(pages, "E1"))
    assert page.status_code == 200
    assert "75,618.85" in page.text


@pytest.mark.parametrize("person", STRANGERS, ids=names)
def test_nobody_else_learns_that_a_statement_exists(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    address = statement_of(pages, "E1")
    assert visitor.get(address).status_code == visitor.get("/payouts/statements/999").status_code
    assert visitor.get(address).status_code == 404
    assert "75,618.85" not in visitor.get(address).text


def test_a_statement_shows_every_line_of_its_computation(pages: Pages) -> None:
    page = pages.visit(E3, "zh").get(statement_of(pages, "E3")).text
    figures = (
        "90,000.00", "1.5000", "1.0500", "1.0200", "1.1000", "159,043.50", "0.929565",
        "147,841.32", "59,136.53", "88,704.79", "19,712.17", "19,712.18",
    )  # fmt: skip
    assert [figure for figure in figures if figure not in page] == []
    words = (
        "奖金基数", "绩效系数", "组织系数", "长期客户满意系数", "连续高绩效系数", "在岗比例",
        "合规闸口", "应算奖金", "奖金池系数", "核定奖金", "递延金额 40%", "本期应发",
        "本次实发（税前）", "0.5 × 财富一组 1.10 + 0.3 × 东湖支行 1.00 + 0.2 × 远岭财富 1.00",
        "周年日非工作日", "结果第 2 版",
    )  # fmt: skip
    assert [word for word in words if word not in page] == []
    assert page.index("应算奖金") < page.index("核定奖金</th>") < page.index("本期应发")


def test_a_statement_speaks_english_too(pages: Pages) -> None:
    page = pages.visit(E3).get(statement_of(pages, "E3")).text
    for words in ("Bonus base", "Raw bonus", "key post", "years in a row at A or better: 3"):
        assert words in page
    assert "奖金" not in page.split("<main", 1)[1]


def test_a_held_award_says_why_nothing_is_paid(pages: Pages) -> None:
    page = pages.visit(E6).get(statement_of(pages, "E6")).text
    assert "¥0.00" in page
    assert "an open compliance case" in page
    assert "56,015.14" in page


def test_a_vetoed_person_reads_what_the_gate_did(pages: Pages) -> None:
    assert "A compliance veto" in pages.visit(E4).get(statement_of(pages, "E4")).text


def test_days_of_pay_carry_their_year(pages: Pages) -> None:
    page = pages.visit(E3, "zh").get(statement_of(pages, "E3")).text
    for day in ("2026年3月3日", "2027年3月3日 周三", "2029年3月5日 周一"):
        assert day in page


def test_the_list_holds_the_own_statements_and_those_of_the_line(pages: Pages) -> None:
    own = pages.visit(E1).get("/payouts/statements").text
    assert "75,618.85" in own
    assert "147,841.32" not in own
    assert "147,841.32" in pages.visit(MANAGER).get("/payouts/statements").text
    assert "75,618.85" not in pages.visit(OTHER_MANAGER).get("/payouts/statements").text


def test_before_release_the_person_and_the_line_read_nothing(pages: Pages) -> None:
    with pages.database.writing() as session:
        run = queries.booked_run(session, queries.pool_named(session, YEAR, "B01").id)
        assert run is not None
        run.status = "booked"
    try:
        for person in (E1, MANAGER):
            assert pages.visit(person).get(statement_of(pages, "E1")).status_code == 404
            assert "75,618.85" not in pages.visit(person).get("/payouts/statements").text
        assert pages.visit(COMMITTEE).get(statement_of(pages, "E1")).status_code == 200
    finally:
        with pages.database.writing() as session:
            run = queries.booked_run(session, queries.pool_named(session, YEAR, "B01").id)
            assert run is not None
            run.status = "released"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("person", KEEPERS, ids=names)
def test_a_run_shows_awards_sums_holds_and_who_did_what(
    pages: Pages, person: Person, language: str
) -> None:
    page = pages.visit(person, language).get(run_of(pages)).text
    for figure in ("376,520.09", "350,000.00", "56,015.14", "0.929565", "147,841.32"):
        assert figure in page
    shown = FINANCE.name_zh if language == "zh" else FINANCE.name_en
    assert shown in page
    assert (COMMITTEE.name_zh if language == "zh" else COMMITTEE.name_en) in page


@pytest.mark.parametrize("person", [E1, MANAGER, HR, ADMIN], ids=names)
def test_pools_and_runs_are_closed_to_everybody_else(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    for address in (
        "/payouts/runs", run_of(pages), f"{run_of(pages)}/export.csv",
        f"/payouts/ledger/{E1.no}",
    ):  # fmt: skip
        answer = visitor.get(address)
        assert answer.status_code in (403, 404)
        assert "75,618.85" not in answer.text
    assert visitor.post("/payouts/pools/1/dry-run", amount="1").status_code in (403, 404)


def test_the_payment_file_has_the_same_bytes_every_time(pages: Pages) -> None:
    address = f"{run_of(pages)}/export.csv"
    files = {
        pages.visit(person, language).get(address).data
        for person in (FINANCE, CASHIER, AUDITOR)
        for language in ("zh", "en")
    }
    assert len(files) == 1
    rows = list(csv.reader(io.StringIO(files.pop().decode("utf-8-sig"))))
    assert rows[0] == ["employee_no", "name", "net_yuan"]
    assert rows[1] == [E1.no, E1.name_zh, "75618.85"]
    assert rows[3] == [E3.no, E3.name_zh, "88704.79"]
    assert [row[0] for row in rows[1:]] == sorted(person.no for person in SIX)


def test_the_committee_takes_no_payment_file(pages: Pages) -> None:
    address = f"{run_of(pages)}/export.csv"
    assert pages.visit(COMMITTEE).get(address).status_code == 404


def test_a_run_that_is_not_booked_has_no_payment_file(pages: Pages) -> None:
    with pages.database.writing() as session:
        pool = queries.pool_named(session, YEAR, "B01")
        run_id = actions.run_dry(
            session, SYSTEM, PAY_DAY, pool, amount_fen=None, veto_share=None
        ).id
    answer = pages.visit(FINANCE).get(f"/payouts/runs/{run_id}/export.csv")
    assert answer.status_code == 409
    with pages.database.writing() as session:
        queries.pool_named(session, YEAR, "B01").status = "released"


@pytest.mark.parametrize("person", [FINANCE, AUDITOR], ids=names)
def test_the_ledger_lists_bookings_with_what_is_left_of_each_part(
    pages: Pages, person: Person
) -> None:
    page = pages.visit(person).get(f"/payouts/ledger/{E3.no}").text
    for figure in ("147,841.32", "19,712.17", "39,424.35", "59,136.53", "88,704.79"):
        assert figure in page


def test_the_committee_reads_no_ledger(pages: Pages) -> None:
    assert pages.visit(COMMITTEE).get(f"/payouts/ledger/{E3.no}").status_code == 404


def pool_id(pages: Pages, code: str) -> int:
    with pages.database.reading() as session:
        return queries.pool_named(session, YEAR, code).id


def test_finance_runs_a_pool_dry_from_the_page(pages: Pages) -> None:
    visitor = pages.visit(FINANCE)
    address = f"/payouts/pools/{pool_id(pages, 'B02')}/dry-run"
    answer = visitor.post(address, amount="1,000.50", veto_share="return")
    assert answer.status_code == 303
    page = visitor.get(answer.headers["Location"])
    assert "1,000.50" in page.text
    with pages.database.reading() as session:
        assert queries.pool_named(session, YEAR, "B02").status == "computed"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "many", "veto_share": "return"}, "many"),
        ({"amount": "1.005", "veto_share": "return"}, "1.005"),
        ({"amount": "-5", "veto_share": "return"}, "Expected the pool amount, 0 or more"),
        ({"amount": "5", "veto_share": "mine"}, "Expected what becomes of vetoed shares"),
    ],
)
def test_a_mistyped_dry_run_keeps_what_was_typed(
    pages: Pages, typed: dict[str, str], sentence: str
) -> None:
    answer = pages.visit(FINANCE).post(f"/payouts/pools/{pool_id(pages, 'B02')}/dry-run", **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed["amount"]}"' in answer.text


@pytest.mark.parametrize("person", [COMMITTEE, AUDITOR], ids=names)
def test_only_finance_runs_dry(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    assert "dry-run" not in visitor.get("/payouts/runs").text
    address = f"/payouts/pools/{pool_id(pages, 'B02')}/dry-run"
    assert visitor.post(address, amount="5", veto_share="return").status_code == 403


def test_an_unknown_pool_or_run_is_not_found(pages: Pages) -> None:
    visitor = pages.visit(FINANCE)
    assert visitor.get("/payouts/runs/999").status_code == 404
    assert (
        visitor.post("/payouts/pools/999/dry-run", amount="5", veto_share="return").status_code
        == 404
    )


def test_a_closed_pool_without_changes_says_so_on_its_page(pages: Pages) -> None:
    pool_id = pages.visit(FINANCE).get("/payouts/runs").text.split("/pools/")[1].split("/")[0]
    address = f"/payouts/pools/{pool_id}/corrections"
    answer = pages.visit(FINANCE).post(address)
    assert answer.status_code == 409
    assert "Nothing in the pool B01 has changed since it was booked" in answer.text
    assert "What was paid is never rewritten" in answer.text
    for stranger in (MANAGER, HR, AUDITOR, COMMITTEE):
        assert pages.visit(stranger).post(address).status_code in (403, 404)


def test_the_committee_states_risk_indicators_and_others_only_read(pages: Pages) -> None:
    address = f"/payouts/risk/{YEAR}"
    note = "不良率未达标，见年度风险报告"
    assert pages.visit(FINANCE).post(address, missed="1", note=note).status_code in (403, 404)
    committee = pages.visit(COMMITTEE, "zh")
    assert committee.post(address, missed="x", note=note).status_code == 422
    assert committee.post(address, missed="1", last_average="5,000", note=note).status_code == 303
    assert note in pages.visit(FINANCE).get(address).text
    assert pages.visit(E2).get(address).status_code in (403, 404)
