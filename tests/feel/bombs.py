"""Texts that ask for too much time, memory or depth, each with the error that must end it."""

from __future__ import annotations

from itertools import pairwise

_STEPS = list(pairwise("abcdefghijklmnopqrs"))
_GROW = "".join(f", {after}: {name} + {name}" for name, after in _STEPS)
SHARED = "{a: [1, 1]" + "".join(f", {after}: [{name}, {name}]" for name, after in _STEPS)

LIMIT = "limit"
SYNTAX = "syntax"
HARMLESS = "harmless"

BOMBS: list[tuple[str, str, str]] = [
    ("nested quantifiers", 'matches("' + "a" * 5000 + '!", "^(a+)+$")', HARMLESS),
    ("nested quantifiers and a reference", 'matches("' + "a" * 40 + '!", "^(a+)+\\1$")', LIMIT),
    ("stars and a reference", 'matches("' + "a" * 40 + '!", "(a*)*(a*)*\\1b")', LIMIT),
    ("many optional parts", 'matches("a", "' + "(a?){500}" * 50 + '")', HARMLESS),
    ("a join of 900,000 items", 'string join(for i in 1..900000 return "aaaaaaaaaa", ",")', LIMIT),
    ("nine million passes", "for i in 1..3000 return for j in 1..3000 return i * j", LIMIT),
    ("nine million passes at once", "for i in 1..3000, j in 1..3000 return i * j", LIMIT),
    ("a thousand million tests", "some i in 1..1000000000 satisfies i < 0", LIMIT),
    ("a thousand million results", "for i in 1..1000000000 return i", LIMIT),
    ("two loops of every", "every x in 1..10000, y in 1..10000 satisfies x = y or x != y", LIMIT),
    ("all days", 'for d in @"0001-01-01"..@"999999999-01-01" return d', LIMIT),
    ("a range as a value", "1000000000 in [1..1000000000]", HARMLESS),
    ("a tower of powers", "9 ** 9 ** 9 ** 9 ** 9", HARMLESS),
    ("a huge power", "2 ** 1000000000", HARMLESS),
    ("a slow power", "1.0000001 ** 999999999", HARMLESS),
    ("a huge exponential", "exp(99999999)", HARMLESS),
    ("a text that doubles", '{a: "xxxxxxxxxx"' + _GROW + "}.s", LIMIT),
    ("a list that doubles, as text", "string(" + SHARED + "}.s)", LIMIT),
    ("a list that doubles, compared", SHARED + ", x: s = s}.x", LIMIT),
    ("a list that doubles, flattened", SHARED + ", x: flatten(s)}.x", LIMIT),
    ("recursion without end", "{f: function(n) f(n + 1)}.f(1)", LIMIT),
    ("recursion in two branches", "{f: function(n) [f(n + 1), f(n + 1)]}.f(1)", LIMIT),
    (
        "exponential recursion",
        "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1)}.f(50)",
        LIMIT,
    ),
    ("a function that calls itself", "(function(x) x(x))(function(x) x(x))", LIMIT),
    ("5,000 parentheses", "(" * 5000 + "1" + ")" * 5000, SYNTAX),
    ("3,000 brackets", "[" * 3000 + "]" * 3000, SYNTAX),
    ("10,000 minus signs", "-" * 10000 + "1", SYNTAX),
    ("2,000 negations", "not(" * 2000 + "true" + ")" * 2000, SYNTAX),
    ("9,000 additions", "1" + "+1" * 9000, HARMLESS),
    ("9,000 dots", "a" + ".a" * 9000, SYNTAX),
    ("5,000 filters", "a" + "[1]" * 5000, SYNTAX),
    ("3,000 conditions", "if " * 3000, SYNTAX),
    ("5,000 contexts", "{a:" * 5000, SYNTAX),
    ("1,000 memberships", "x in (" * 1000, SYNTAX),
    ("3,000 types", "x instance of " + "list<" * 3000 + "number" + ">" * 3000, SYNTAX),
    ("3,000 calls", "f(" * 3000, SYNTAX),
    ("a text of 30,000 characters", '"' + "a" * 30000 + '"', SYNTAX),
    ("a name of 9,000 words", " ".join(["a"] * 9000), HARMLESS),
    ("a number of 19,000 digits", "1" * 19000, HARMLESS),
    ("a slow order", "sort(for i in 1..20000 return i, function(a, b) a > b)", LIMIT),
    ("many different contexts", "distinct values(for i in 1..5000 return {a: i})", LIMIT),
    ("copies of all results", "for i in 1..30000 return partial", LIMIT),
    ("a replacement that grows", 'replace("' + "a" * 9000 + '", "a", "' + "b" * 5000 + '")', LIMIT),
    ("lists of long numbers", "string(for i in 1..1000 return 10 ** 6000)", LIMIT),
    (
        "many long texts",
        'for i in 1..9000 return string join(for j in 1..99 return "aaaaaaaaa")',
        LIMIT,
    ),
    ("a position beyond all", "[1, 2, 3][10 ** 6000]", HARMLESS),
    ("a duration beyond all", 'duration("P999999999999Y") * 10 ** 6000', HARMLESS),
    (
        "many lists in one",
        "concatenate(for i in 1..1000 return i, for i in 1..100000 return i)",
        LIMIT,
    ),
]
