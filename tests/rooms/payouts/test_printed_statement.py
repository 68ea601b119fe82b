"""The statement on paper: the same figures, the same readers, and an error instead of boxes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from perfflow.documents import NotAvailable, typeset
from perfflow.documents.typesetting import chinese_family
from perfflow.payouts.printing import TEMPLATE
from tests.support.cast import COLLEAGUE, MANAGER, OUTSIDER, Person
from tests.support.chromium import chinese_font
from tests.support.golden import awards, build_golden, E1, E3, E4, pay, PAY_DAY, PAYERS, SIX
from tests.support.packages import fetched
from tests.support.pages import open_pages, Pages
from tests.support.year import YEAR


@pytest.fixture(scope="module")
def pages(databases: Any) -> Iterator[Pages]:
    """The pool of the golden six is released."""
    with databases.fresh() as database:
        with database.writing() as session:
            pay(session, build_golden(session), "redistribute")
        opened = open_pages(database, PAY_DAY, "payouts", also=(*PAYERS, *SIX))
        if chinese_font():
            opened.app.config["FONTS"] = fetched("font") / "@expo-google-fonts" / "noto-sans-sc"
        yield opened


def address(pages: Pages, name: str) -> str:
    from perfflow.payouts import queries

    with pages.database.reading() as session:
        run = queries.booked_run(session, queries.pool_named(session, YEAR, "B01").id)
        assert run is not None
        return f"/payouts/statements/{awards(session, run)[name].id}.pdf"


def printed(pages: Pages, person: Person, name: str, language: str) -> bytes:
    page = pages.visit(person, language).get(address(pages, name))
    assert (page.status_code, page.mimetype) == (200, "application/pdf")
    return page.data


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["奖金通知单", "奖金基数", "长期客户满意系数", "本次实发", "递延"]),
        ("en", ["Bonus statement", "Long-term client", "Paid this time, before tax"]),
    ],
)
def test_every_line_of_the_page_is_printed_in_both_languages(
    pages: Pages, language: str, words: list[str]
) -> None:
    text = text_of(printed(pages, E3, "E3", language)).replace("\n", " ")
    for expected in [*words, "159,043.50", "147,841.32", "59,136.53", "88,704.79", "19,712.18"]:
        assert expected in text


def test_a_statement_that_is_printed_twice_has_the_same_bytes(pages: Pages) -> None:
    assert printed(pages, E1, "E1", "zh") == printed(pages, MANAGER, "E1", "zh")


def test_a_veto_is_printed_with_its_reason(pages: Pages) -> None:
    assert "A compliance veto" in text_of(printed(pages, E4, "E4", "en"))


@pytest.mark.parametrize("person", [COLLEAGUE, OUTSIDER], ids=lambda person: person.name_en)
def test_nobody_else_gets_the_paper(pages: Pages, person: Person) -> None:
    assert pages.visit(person).get(address(pages, "E1")).status_code == 404


def test_a_missing_typesetter_is_told_with_its_remedy(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    page = pages.visit(E1, "en").get(address(pages, "E1"))
    assert page.status_code == 503
    assert "perfflow[pdf]" in page.text


def test_a_machine_without_a_chinese_font_is_told_so_and_prints_no_boxes(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable) as refused:
        chinese_family(tmp_path, with_system=False)
    assert refused.value.code == "documents.no_chinese_font"


def test_data_is_never_read_as_markup(tmp_path: Path, pages: Pages) -> None:
    template = tmp_path / "echo.typ"
    template.write_text("#set text(font: sys.inputs.font)\n#json(bytes(sys.inputs.data)).words")
    hostile = '#read("/etc/passwd") $x$ *bold* #panic("out")'
    content = typeset(template, {"words": hostile}, pages.app.config.get("FONTS"))
    assert '#read("/etc/passwd")' in text_of(content)


def test_the_template_comes_with_the_package() -> None:
    assert TEMPLATE.is_file()
