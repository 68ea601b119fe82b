"""Regular expressions as XPath writes them."""

from __future__ import annotations

import pytest

from perfflow.feel import compile


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("abracadabra", "bra", "", True),
        ("abracadabra", "^a.*a$", "", True),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "m", True),
        ("a\nb", "^b$", "", False),
        ("ABC", "abc", "i", True),
        ("hello world", "hello\\ sworld", "x", True),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("x", "[A-Z-[OI]]", "i", True),
        ("o", "[A-Z-[OI]]", "i", False),
        ("5", "[\\d-[0-4]]", "", True),
        ("4", "[\\d-[0-4]]", "", False),
        ("é", "\\p{L}", "", True),
        ("中", "\\p{IsCJKUnifiedIdeographs}", "", True),
        ("a", "\\P{L}", "", False),
        ("_a1", "^\\i\\c*$", "", True),
        ("1a", "^\\i\\c*$", "", False),
        ("a b", "^\\w\\s\\w$", "", True),
        ("-", "^\\W$", "", True),
        ("-", "[a\\-z]", "", True),
        ("^", "[\\^]", "", True),
        ("abab", "^(ab)\\1$", "", True),
        ("abba", "^(a)(b)\\2\\1$", "", True),
        ("abAB", "^(ab)\\1$", "i", True),
        ("aaa", "^a{2,3}?$", "", True),
        ("", "^$", "", True),
        ("a(b", "a\\(b", "", True),
    ],
)
def test_the_pattern_decides(text: str, pattern: str, flags: str, expected: bool) -> None:
    context = {"t": text, "p": pattern, "f": flags}
    assert compile("matches(t, p, f)").evaluate(context).value is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "[", "]", "a{", "a{2,1}", "*a", "a**", "a{1}{2}", "(?=a)", "(?<n>a)", "(?i)a",
        "\\1", "(a)[\\1]", "\\2(a)", "\\q", "\\p{Foo}", "\\p{IsNowhere}", "\\p", "[z-a]", "[a",
        "\\", "a{99999999999}", "(" * 60 + ")" * 60, "a" * 1001, "(((a{1000}){1000}){1000})",
    ],
)  # fmt: skip
def test_a_text_that_is_no_pattern_gives_null(pattern: str) -> None:
    result = compile('matches("a", p)').evaluate({"p": pattern})
    assert result.value is None
    assert result.warnings[0].code == "feel.pattern"


@pytest.mark.parametrize("flags", ["X", " ", "g", "ii?"])
def test_an_unknown_flag_gives_null(flags: str) -> None:
    result = compile('matches("a", "a", f)').evaluate({"f": flags})
    assert result.value is None


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        ("a", "*", "*br*c*d*br*"),
        ("a(.)", "a$1$1", "abbraccaddabbra"),
        ("a.*?a", "*", "*c*bra"),
        ("(a)|(z)", "[$2]", "[]br[]c[]d[]br[]"),
        ("a", "\\$", "$br$c$d$br$"),
        ("(b)(r)", "$2$1", "arbacadarba"),
        ("(b)", "$12", "ab2racadab2ra"),
        ("(a)b\\1?", "x", "xracadxra"),
        ("x", "y", "abracadabra"),
    ],
)
def test_what_matches_is_replaced(pattern: str, replacement: str, expected: str) -> None:
    context = {"p": pattern, "r": replacement}
    result = compile('replace("abracadabra", p, r)').evaluate(context)
    assert result.value == expected


@pytest.mark.parametrize(
    ("pattern", "replacement"), [("x*", "-"), ("a", "$"), ("a", "\\n"), ("a", "$x")]
)
def test_a_replacement_without_meaning_gives_null(pattern: str, replacement: str) -> None:
    context = {"p": pattern, "r": replacement}
    assert compile('replace("abc", p, r)').evaluate(context).value is None


def test_a_text_is_split_at_every_match() -> None:
    assert compile('split("a1b22c", "\\d+")').evaluate({}).value == ["a", "b", "c"]
    assert compile('split("a;b;c;;", ";")').evaluate({}).value == ["a", "b", "c", "", ""]
    assert compile('split("a,a", "(,)(a)\\2?")').evaluate({}).value == ["a", ""]
