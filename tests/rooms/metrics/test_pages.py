"""Pages of metric data: loads for owners, a value with its history for those it concerns."""

from __future__ import annotations

import io

import pytest

from perfflow.db import Database
from tests.support.cast import ADVISOR, COLLEAGUE, HR, MANAGER, OUTSIDER, OWNER, START
from tests.support.pages import open_pages, Pages

VALUE = f"/metrics/values/{ADVISOR.no}/RS-01/2025-01"
FILE = (
    "employee_no,metric_code,period,value,numerator,denominator,reason\n"
    f"{ADVISOR.no},RS-01,2025-01,80,,,\nE99999,RS-01,2025-01,1,,,\n"
)


@pytest.fixture
def pages(firm: Database) -> Pages:
    opened = open_pages(firm, START, "metrics")
    opened.visit(OWNER).post(
        "/metrics/", source="CORE", file=(io.BytesIO(FILE.encode()), "jan.csv")
    )
    return opened


def test_a_load_is_listed_with_what_was_left_out(pages: Pages) -> None:
    visitor = pages.visit(OWNER)
    assert "jan.csv" in visitor.get("/metrics/").text
    assert "There is no employee E99999" in visitor.get("/metrics/batches/1").text


def test_hr_reads_loads_and_makes_none(pages: Pages) -> None:
    visitor = pages.visit(HR)
    assert visitor.get("/metrics/").status_code == 200
    assert visitor.post("/metrics/", source="CORE").status_code == 403


def test_a_file_that_cannot_be_read_says_that_nothing_changed(pages: Pages) -> None:
    answer = pages.visit(OWNER, "zh").post(
        "/metrics/", source="CORE", file=(io.BytesIO(b"a,b\n1,2\n"), "x.csv")
    )
    assert answer.status_code == 400
    assert "没有载入，什么都没有改变。" in answer.text


@pytest.mark.parametrize("person", [ADVISOR, MANAGER, HR, OWNER])
def test_a_value_is_shown_with_its_source_to_those_it_concerns(pages: Pages, person) -> None:  # type: ignore[no-untyped-def]
    answer = pages.visit(person).get(VALUE)
    assert answer.status_code == 200
    assert "load 1, row 1" in answer.text


def test_others_do_not_learn_that_a_value_exists(pages: Pages) -> None:
    for person in (COLLEAGUE, OUTSIDER):
        assert pages.visit(person).get(VALUE).status_code == 404
    assert pages.visit(COLLEAGUE).post(VALUE, value="1", reason="x").status_code == 403


def test_an_owner_corrects_with_a_reason(pages: Pages) -> None:
    visitor = pages.visit(OWNER, "zh")
    refused = visitor.post(VALUE, value="81", reason="")
    assert refused.status_code == 422
    assert "改动数值需要写明原因。" in refused.text
    assert visitor.post(VALUE, value="81", reason="复核").status_code == 302
    assert "81 万元" in visitor.get(VALUE).text


def test_the_catalogue_is_open_to_everybody(pages: Pages) -> None:
    text = pages.visit(ADVISOR, "zh").get("/metrics/catalogue").text
    assert "64 项指标" in text
    assert "净新增管理资产" in text
