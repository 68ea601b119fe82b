"""The shell and the parts of pages: navigation, icons, figures, explanations, escaping."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template_string

from perfflow.web import Permission, requires
from perfflow.web.navigation import GROUPS, TABS
from perfflow.web.rendering import icon, icons
from tests.rooms.web.conftest import GU, SHEN, SignIn


def part(app: Flask, source: str, language: str = "zh", **context: object) -> str:
    """A piece of template as a page of ``app`` would draw it."""
    imports = """
    {% from "pf/basics.html" import badge, dim_name %}
    {% from "pf/cards.html" import page_header, card, notice %}
    {% from "pf/forms.html" import text_input, number_input, select_input, radios, error_summary %}
    {% from "pf/tables.html" import pager, data_table %}
    {% from "pf/figures.html" import weight_bar, smart_tiles, score_ruler, line_chart %}
    {% from "pf/explain.html" import explanation_tree, diff %}
    """
    with app.test_request_context(f"/?lang={language}"):
        return " ".join(render_template_string(imports + source, **context).split())


def add_page(app: Flask, room: str, endpoint: str, path: str) -> None:
    from flask import Blueprint, render_template

    blueprint = Blueprint(room, f"probe_{room}")

    @requires(Permission.HOME_PAGE_VIEW)
    def page() -> str:
        return render_template("web/help.html")

    blueprint.add_url_rule(path, endpoint, page)
    app.register_blueprint(blueprint)


# --- navigation --------------------------------------------------------------------------------


def test_the_navigation_shows_what_exists_and_what_the_role_may_use(sign_in: SignIn) -> None:
    gu, shen = sign_in(GU).get("/help?lang=en").text, sign_in(SHEN).get("/help?lang=en").text
    assert 'href="/team"' in gu
    assert 'href="/team"' not in shen
    assert "Cycle monitor" not in gu


def test_the_entry_of_this_page_is_marked_and_waiting_work_is_counted(
    app: Flask, sign_in: SignIn
) -> None:
    add_page(app, "inbox", "tasks", "/inbox/")
    page = sign_in(SHEN).get("/inbox/?lang=en").text
    here = re.findall(r'<a href="([^"]+)" aria-current="page"', page)
    assert set(here) == {"/inbox/"}
    assert re.search(r'class="count num">3<span class="sr-only"> waiting', page)


def test_another_page_of_a_room_marks_the_rooms_entry(app: Flask, sign_in: SignIn) -> None:
    add_page(app, "goals", "sheet", "/goals/one")
    app.add_url_rule("/goals/", "goals.mine", requires(Permission.GOALS_SHEET_VIEW)(lambda: "mine"))
    page = sign_in(SHEN).get("/goals/one").text
    assert '<a href="/goals/" aria-current="page"' in page


def test_phones_get_four_tabs_and_the_way_to_everything_else(sign_in: SignIn) -> None:
    page = sign_in(SHEN).get("/help?lang=en").text
    bar = page.split('<nav class="tabbar"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', bar) == ["/", "/menu"]
    assert len(TABS) == 4


def test_the_shell_names_the_person_and_skips_to_the_content(sign_in: SignIn) -> None:
    page = sign_in(GU).get("/help?lang=zh").text
    assert "顾明川" in page
    assert "团队主管 · 东湖支行" in page
    assert page.index('class="skip" href="#main"') < page.index('<nav class="nav"')
    assert page.count("<h1>") == 1


def test_the_firm_time_is_shown_only_where_the_firm_has_its_own(
    app: Flask, sign_in: SignIn
) -> None:
    assert "firm-time" not in sign_in(SHEN).get("/help").text


# --- icons -------------------------------------------------------------------------------------


def test_every_icon_of_the_navigation_is_drawn() -> None:
    assert {entry.icon for group in GROUPS for entry in group.entries} <= set(icons())


def test_an_icon_is_decoration_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in icon("inbox")
    assert 'role="img" aria-label="a &#34;b&#34;"' in icon("inbox", 'a "b"')


def test_icons_take_their_colour_from_the_text_around_them() -> None:
    for name in icons():
        drawing = ElementTree.fromstring(str(icon(name)))
        colours = {
            value
            for element in drawing.iter()
            for attribute, value in element.attrib.items()
            if attribute in ("fill", "stroke")
        }
        assert colours <= {"currentColor", "none", "var(--pf-surface)"}, name


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon")


# --- parts -------------------------------------------------------------------------------------


def test_texts_from_people_are_escaped_everywhere(app: Flask) -> None:
    evil = '<b onclick="x">"'
    page = part(
        app,
        "{{ badge(evil) }}{{ diff(evil, 'b') }}"
        "{{ text_input('a', evil, evil, help=evil, error=evil) }}"
        "{{ explanation_tree({'label': evil, 'value': evil}) }}{{ _('web.status_404', x=evil) }}"
        "{{ error_summary([('a', evil)]) }}{{ select_input('s', 'S', [(evil, evil)]) }}",
        evil=evil,
    )
    assert "<b " not in page
    assert 'onclick="' not in page


def test_a_field_shows_label_help_error_input_in_this_order(app: Flask) -> None:
    page = part(app, "{{ number_input('w', '权重', '15', help='助', error='错', unit='%') }}")
    places = [page.index(text) for text in ("权重", "助", "错", 'value="15"', "%</span>")]
    assert places == sorted(places)
    assert 'aria-describedby="w-help w-error" aria-invalid="true"' in page


def test_optional_is_marked_and_required_is_left_to_the_browser(app: Flask) -> None:
    assert "选填" in part(app, "{{ text_input('a', 'A', optional=true) }}")
    assert " required" in part(app, "{{ text_input('a', 'A') }}")


def test_the_summary_counts_and_links_what_is_wrong(app: Flask) -> None:
    one = part(app, "{{ error_summary([('a', 'x')]) }}", "en")
    two = part(app, "{{ error_summary([('a', 'x'), ('', 'y')]) }}", "en")
    assert "One thing to change" in one
    assert "2 things to change" in two
    assert two.count('href="#') == 1
    assert part(app, "{{ error_summary([]) }}") == ""


@pytest.mark.parametrize(
    ("total", "zh", "en"),
    [
        (10000, "正好 100%", "exactly 100%"),
        (9000, "合计 90%，还差 10%", "90% in all, 10% missing"),
        (10250, "合计 102.5%，多出 2.5%", "102.5% in all, 2.5% too much"),
    ],
)
def test_the_weight_bar_says_how_far_it_is_from_the_whole(
    app: Flask, total: int, zh: str, en: str
) -> None:
    source = "{{ weight_bar([('R', 4000), ('K', total - 4000)], total) }}"
    for language, sentence in (("zh", zh), ("en", en)):
        page = part(app, source, language, total=total)
        badge = page.split("data-weight-verdict>")[1].split("</span></span>")[0]
        assert badge.endswith(f"<span>{sentence}")


def test_segments_of_the_weight_bar_lie_side_by_side_to_scale(app: Flask) -> None:
    page = part(app, "{{ weight_bar([('R', 3750), ('C', 2500), ('G', 3750)], 10000) }}")
    boxes = re.findall(r'<svg x="([\d.]+)%" width="([\d.]+)%" height="28" data', page)
    assert boxes == [("0.00", "37.50"), ("37.50", "25.00"), ("62.50", "37.50")]


def test_smart_tiles_are_read_out_in_full(app: Flask) -> None:
    page = part(app, "{{ smart_tiles([('S', 'pass', ''), ('A', 'warn', '偏高')]) }}")
    assert 'aria-label="SMART: S 通过, A 要留意 (偏高)"' in page


@pytest.mark.parametrize(("score", "band"), [("59.99", "D"), ("60", "C"), ("109.99", "A")])
def test_the_ruler_marks_the_band_that_the_score_is_in(app: Flask, score: str, band: str) -> None:
    bands = [("D", 0, ""), ("C", 60, ""), ("B", 80, ""), ("A", 95, ""), ("S", 110, "")]
    page = part(app, "{{ score_ruler(bands, score) }}", bands=bands, score=Decimal(score))
    assert re.search(rf'<text class="here"[^>]*><tspan>{band}</tspan>', page)
    assert page.count('class="band here"') == 1


def test_a_chart_brings_its_table_with_gaps_written(app: Flask) -> None:
    source = "{{ line_chart(['一', '二', '三'], [1, none, 3], [1, 2, 3], title='T', unit='万元') }}"
    page = part(app, source)
    assert page.count("<td") == 6
    assert '<td class="num">—</td>' in page
    assert 'aria-label="T: 3 万元"' in page


def test_the_tree_of_an_explanation_nests_and_names_its_source(app: Flask) -> None:
    tree = {
        "label_zh": "总分",
        "label_en": "Total",
        "value": Decimal("99.65"),
        "children": [
            {
                "label": "R",
                "value": Decimal("38.7"),
                "steps": [{"label": "x", "value": Decimal("0.940789"), "formula": "a ÷ b"}],
                "source": "CORE",
                "link": "/rows",
            },
            {"label": "adjust", "value": None},
        ],
    }
    page = part(app, "{{ explanation_tree(tree) }}", "en", tree=tree)
    assert "Total" in page
    assert "38.70" in page
    assert "0.940789" in page
    assert 'CORE · <a href="/rows">' in page
    assert page.count("<details") == page.count("</details>") == 2


def test_an_unchanged_value_is_shown_once_and_a_change_is_read_as_one(app: Flask) -> None:
    assert "<del>" not in part(app, "{{ diff('8', '8') }}")
    changed = part(app, "{{ diff('8', '6', '位') }}")
    text = re.sub(r"<[^>]+>", "", changed.replace('<span aria-hidden="true">→</span>', ""))
    assert " ".join(text.split()) == "从 8 改为 6 位"


def test_lists_are_paged_by_counting_things(app: Flask) -> None:
    assert "第 1–7 件，共 12 件" in part(app, "{{ pager(1, 7, 12, '/next') }}")
    assert "1–7 of 12" in part(app, "{{ pager(1, 7, 12, '/next') }}", "en")


def test_figures_refuse_floats(app: Flask) -> None:
    with pytest.raises(TypeError):
        part(app, "{{ 0.1|number(2) }}")
