"""Messages: every text has its words in both languages, with the same gaps to fill."""

from __future__ import annotations

import re
from collections import Counter

from tests.architecture.source import (
    calls,
    catalogue,
    literal,
    merged,
    packages,
    PRODUCT,
    python_files,
    shown,
    template_texts,
)

ERRORS = (
    "BadInput",
    "Conflict",
    "NotAllowed",
    "NotFound",
    "RuleViolation",
)
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")
GAP = re.compile(r"(?<!%)%\((\w+)\)s")
OF_A_LANGUAGE = re.compile(r"_(?:zh|en)$")
ENGLISH, CHINESE = "en", "zh_Hans_CN"
NOTIFY_CODE = 3  # notify(session, now, employee_no, code, …)


def gaps(text: str) -> set[str]:
    """The gaps of a text; of ``cycle_zh`` and ``cycle_en`` each language has its own."""
    return {OF_A_LANGUAGE.sub("", gap) for gap in GAP.findall(text)}


def test_every_catalogue_exists_in_both_languages() -> None:
    alone = [
        shown(package)
        for package in packages()
        if (package / "locale" / f"{ENGLISH}.po").exists()
        != (package / "locale" / f"{CHINESE}.po").exists()
        and any(CODE.fullmatch(name) for name in _both(package))
    ]
    assert alone == []


def test_every_code_has_words_in_both_languages() -> None:
    english, chinese = merged(ENGLISH), merged(CHINESE)
    codes = {name for name in english.keys() | chinese.keys() if CODE.fullmatch(name)}
    silent = {
        locale: sorted(code for code in codes if not messages.get(code))
        for locale, messages in ((ENGLISH, english), (CHINESE, chinese))
    }
    assert silent == {ENGLISH: [], CHINESE: []}


def test_every_code_that_is_raised_has_words() -> None:
    known = merged(ENGLISH)
    missing = {
        shown(path, call.lineno): code
        for path in python_files(PRODUCT)
        for call in calls(path, *ERRORS)
        if call.args and (code := literal(call.args[0])) is not None and not known.get(code)
    }
    assert missing == {}


def test_every_computation_error_has_words() -> None:
    known = merged(ENGLISH)
    missing = {
        shown(path, call.lineno): f"calc.{name}"
        for path in python_files(PRODUCT)
        for call in calls(path, "ComputationError")
        if call.args
        and (name := literal(call.args[0])) is not None
        and not known.get(f"calc.{name}")
    }
    assert missing == {}


def test_every_notice_has_words() -> None:
    known = merged(ENGLISH)
    missing = {}
    for path in python_files(PRODUCT):
        for call in calls(path, "notify"):
            named = next((k.value for k in call.keywords if k.arg == "code"), None)
            code = literal(
                named or (call.args[NOTIFY_CODE] if len(call.args) > NOTIFY_CODE else None)
            )
            if code is not None and not known.get(code):
                missing[shown(path, call.lineno)] = code
    assert missing == {}


def test_every_text_of_a_template_is_there_in_chinese() -> None:
    chinese, english = merged(CHINESE), merged(ENGLISH)
    missing = sorted(
        f"{shown(path, line)}: {text}"
        for path, line, text in template_texts()
        if not chinese.get(text) or (CODE.fullmatch(text) and not english.get(text))
    )
    assert missing == []


def test_both_languages_fill_the_same_gaps() -> None:
    english, chinese = merged(ENGLISH), merged(CHINESE)
    different = {}
    for name, forms in chinese.items():
        originals = english.get(name) or ((name,) if not CODE.fullmatch(name) else ())
        wanted = set().union(*map(gaps, originals))
        # A plural may say "one" instead of the number; the other form has every gap.
        if originals and forms and set().union(*map(gaps, forms)) != wanted:
            different[name] = (sorted(wanted), [sorted(gaps(form)) for form in forms])
    assert different == {}


def test_no_message_is_worded_twice() -> None:
    for locale in (ENGLISH, CHINESE):
        words: dict[str, set[tuple[str, ...]]] = {}
        for path in PRODUCT.glob(f"*/locale/{locale}.po"):
            for name, forms in catalogue(path).items():
                words.setdefault(name, set()).add(forms)
        assert {name: found for name, found in words.items() if len(found) > 1} == {}


def test_no_catalogue_names_a_message_twice() -> None:
    repeated = {}
    for path in sorted(PRODUCT.glob("*/locale/*.po")):
        names = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        again = [name for name, count in Counter(names).items() if count > 1]
        if again:
            repeated[shown(path)] = again
    assert repeated == {}


def _both(package: object) -> set[str]:
    names: set[str] = set()
    for path in PRODUCT.glob(f"{getattr(package, 'name', '')}/locale/*.po"):
        names |= catalogue(path).keys()
    return names
