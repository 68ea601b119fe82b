"""Catalogues: how codes become sentences, and that both languages say the same things."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from markupsafe import Markup

from perfflow.i18n import (
    as_language,
    best_language,
    catalogues,
    LANGUAGES,
    LOCALES,
    localized,
    translate,
    word,
)
from perfflow.i18n.catalogues import fill, load_catalogues
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import RuleViolation, RuleViolations

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def write(root: Path, package: str, language: str, text: str) -> None:
    folder = root / package / "locale"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{LOCALES[language]}.po").write_text(text, encoding="utf-8")  # type: ignore[index]


def test_an_error_is_worded_in_the_readers_language() -> None:
    error = RuleViolation("web.password_length", minimum=10, maximum=256, got=3)
    assert word(error, "zh") == "密码应为 10 到 256 个字符，现在是 3 个。"
    assert word(error, "en") == "Expected a password of 10 to 256 characters but got 3."


def test_several_broken_rules_are_worded_one_after_another() -> None:
    error = RuleViolations(
        [RuleViolation("web.passwords_differ"), RuleViolation("web.password_has_login")]
    )
    assert word(error, "en") == (
        "The two new passwords are not the same. The password must not contain the login."
    )


def test_an_unknown_message_is_shown_as_it_is() -> None:
    assert translate("nowhere.said", {"got": 1}, "zh") == "nowhere.said"


@pytest.mark.parametrize(
    ("params", "zh", "en"),
    [
        ({"v_bp": 9000}, "90%", "90%"),
        ({"v_fen": 123456}, "1,234.56 元", "¥1,234.56"),
        ({"v": 2026}, "2026", "2026"),
        ({"v": -3}, "−3", "−3"),
        ({"v": Decimal("12000.50")}, "12,000.5", "12,000.5"),
        ({"v": date(2026, 1, 19)}, "2026年1月19日", "19 Jan 2026"),
        ({"v": ["甲", 2]}, "甲、2", "甲, 2"),
        ({"v": {"zh": "目标", "en": "goal"}}, "目标", "goal"),
        ({"v": None}, "—", "—"),
        ({"v": True}, "是", "yes"),
        ({"v": Role.HR_PARTNER}, "hr-partner", "hr-partner"),
    ],
)
def test_parameters_are_written_in_the_way_of_the_language(
    params: dict[str, object], zh: str, en: str
) -> None:
    text = f"[%({next(iter(params))})s]"
    assert fill(text, params, "zh") == f"[{zh}]"
    assert fill(text, params, "en") == f"[{en}]"


def test_per_cent_signs_and_unknown_names_do_no_harm() -> None:
    assert fill("100% of %(a)s and %(b)s, 5%%", {"a": 1}, "en") == "100% of 1 and %(b)s, 5%"


def test_markup_in_a_parameter_makes_markup_and_escapes_the_rest() -> None:
    made = fill("<%(a)s %(b)s>", {"a": Markup("<b>x</b>"), "b": "<i>"}, "en")
    assert made == "&lt;<b>x</b> &lt;i&gt;&gt;"
    assert isinstance(made, Markup)


def test_texts_with_a_number_choose_their_form(tmp_path: Path) -> None:
    write(
        tmp_path,
        "room",
        "en",
        'msgid "room.days"\nmsgid_plural "room.days"\n'
        'msgstr[0] "%(count)s day"\nmsgstr[1] "%(count)s days"\n',
    )
    write(tmp_path, "room", "zh", 'msgid "room.days"\nmsgstr "%(count)s 天"\n')
    loaded = load_catalogues(tmp_path)
    assert loaded.forms("room.days", "en") == ("%(count)s day", "%(count)s days")
    assert loaded.forms("room.days", "zh") == ("%(count)s 天",)


def test_a_missing_translation_falls_back_to_english(tmp_path: Path) -> None:
    write(tmp_path, "room", "en", 'msgid "room.x"\nmsgstr "Said"\n')
    assert load_catalogues(tmp_path).forms("room.x", "zh") == ("Said",)


def test_two_wordings_of_one_message_are_a_conflict(tmp_path: Path) -> None:
    write(tmp_path, "alpha", "zh", 'msgid "Open"\nmsgstr "打开"\n')
    write(tmp_path, "beta", "zh", 'msgid "Open"\nmsgstr "开启"\n')
    loaded = load_catalogues(tmp_path)
    assert loaded.forms("Open", "zh") == ("打开",)
    assert loaded.conflicts == ("beta/zh: Open",)


def test_the_product_words_every_message_one_way() -> None:
    assert catalogues().conflicts == ()


def test_codes_have_both_languages_with_the_same_placeholders() -> None:
    messages = catalogues().messages
    for code, english in messages["en"].items():
        chinese = messages["zh"].get(code)
        assert chinese is not None, code
        names = {
            language: set(PLACEHOLDER.findall(" ".join(forms)))
            for language, forms in (("en", english), ("zh", chinese))
        }
        assert names["en"] == names["zh"], code


def test_every_role_has_a_name_in_both_languages() -> None:
    for language in LANGUAGES:
        for role in Role:
            assert translate(f"web.role.{role.value}", None, language) != f"web.role.{role.value}"


class Unit:
    name_zh = "东湖支行"
    name_en = ""


@pytest.mark.parametrize(
    ("obj", "language", "expected"),
    [
        (Unit(), "zh", "东湖支行"),
        (Unit(), "en", "东湖支行"),
        ({"name_zh": "甲", "name_en": "A"}, "en", "A"),
        ({"name": {"zh": "甲", "en": "A"}}, "en", "A"),
        ({"name": "plain"}, "zh", "plain"),
        ({}, "zh", ""),
        (None, "en", ""),
    ],
)
def test_two_language_data_is_shown_in_the_readers_language(
    obj: object, language: str, expected: str
) -> None:
    assert localized(obj, "name", language) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("zh-CN", "zh"),
        ("zh_Hans_CN", "zh"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
    ],
)
def test_languages_are_known_by_their_first_part(wish: str, expected: str | None) -> None:
    assert as_language(wish) == expected


def test_the_first_known_wish_wins_and_chinese_is_the_default() -> None:
    assert best_language(None, "fr", "en", "zh") == "en"
    assert best_language("fr", None) == "zh"
