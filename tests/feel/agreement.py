"""Generates expressions over the part of FEEL that the browser's feelin knows, and its answers.

``python -m tests.feel.agreement FOLDER`` (a folder in which feelin was installed with npm) writes
``feelin_answers.jsonl`` anew: one line for each expression with the answer of feelin and, where
ours differs, our answer and the reason.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfflow.feel import compile, FeelError

ANSWERS = Path(__file__).with_name("feelin_answers.jsonl")
CONTEXT: dict[str, Any] = {
    "x": 5,
    "y": 1.5,
    "s": "foobar",
    "xs": [3, 1, 2],
    "b": True,
    "n": None,
    "rows": [{"k": 1, "v": "a"}, {"k": 2, "v": "b"}],
    "m": {"a": 1, "c": {"d": 2}},
}
REASONS = {
    "past-end": "substring from behind the end: feelin gives an empty text, the standard no value",
    "in-or": "feelin reads 'x in [1..2] or y' as 'x in ([1..2] or y)'",
    "if-else": "feelin ends 'else' at the first operator, the standard at the end",
    "null-order": "a list with null has no order; feelin sorts it",
}
SCRIPT = """
import { evaluate } from 'feelin';
import { createInterface } from 'node:readline';
for await (const line of createInterface({ input: process.stdin })) {
  const { text, context } = JSON.parse(line);
  const found = evaluate(text, context);
  console.log(JSON.stringify(found.value === undefined ? null : found.value));
}
"""


class Generator:
    """Random expressions of a wanted type."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def any(self) -> str:
        makers = (self.number, self.truth, self.text, self.list)
        return self.random.choice(makers)(self.random.randint(1, 3))

    def number(self, depth: int) -> str:
        if depth <= 0:
            digits = str(self.random.randint(-9, 20))
            return self.pick("x", "y", digits, "m.a", "m.c.d", "count(xs)", "xs[1]", "xs[-1]")
        below = depth - 1
        pair = f"({self.number(below)} {self.pick('+', '-', '*')} {self.number(below)})"
        choice = f"if {self.truth(below)} then {self.number(below)} else {self.number(below)}"
        rounded = f"{self.pick('floor', 'ceiling', 'abs')}({self.number(below)})"
        total = f"{self.pick('sum', 'min', 'max')}({self.list(below)})"
        rest = f"modulo({self.number(below)}, {self.random.randint(1, 7)})"
        part = f"({self.number(below)} / {self.pick('2', '4', '8')})"
        return self.pick(pair, pair, pair, choice, rounded, total, rest, part, "rows[k = 2].k[1]")

    def truth(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("b", "true", "false", "x > 3", 's = "foobar"', "n = null")
        below = depth - 1
        low, high = self.random.randint(-5, 2), self.random.randint(3, 9)
        both = f"({self.truth(below)} {self.pick('and', 'or')} {self.truth(below)})"
        sign = self.pick("<", "<=", ">", ">=", "=", "!=")
        compared = f"{self.number(below)} {sign} {self.number(below)}"
        inside = f"{self.number(below)} in [{low}..{high}{self.pick(')', ']')}"
        between = f"({self.number(below)} between {low} and {high})"
        some = f"{self.pick('some', 'every')} e in {self.list(below)} satisfies e > {low}"
        found = f"list contains({self.list(below)}, {self.number(below)})"
        word = f"{self.pick('contains', 'starts with')}({self.text(below)}, {self.text(0)})"
        negated = f"not({self.truth(below)})"
        return self.pick(
            both, both, compared, compared, inside, between, some, found, word, negated
        )

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("s", '"foo"', '"a b"', '"Bar"', '"o"', "rows[1].v")
        below = depth - 1
        joined = f"({self.text(below)} + {self.text(below)})"
        cased = f"{self.pick('upper case', 'lower case')}({self.text(below)})"
        part = f"substring({self.text(below)}, {self.random.randint(1, 3)})"
        choice = f"if {self.truth(below)} then {self.text(below)} else {self.text(below)}"
        cut = f"substring {self.pick('before', 'after')}({self.text(below)}, {self.text(0)})"
        return self.pick(joined, cased, part, choice, cut, f"string({self.random.randint(0, 50)})")

    def list(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("xs", "[1, 2, 3]", "[]", "rows.k", "[x]")
        below = depth - 1
        built = f"[{self.number(below)}, {self.number(below)}]"
        loop = f"(for i in {self.list(below)} return i * {self.random.randint(1, 3)})"
        steps = f"(for i in 1..{self.random.randint(1, 4)} return i + x)"
        kept = f"{self.list(below)}[item > {self.random.randint(-1, 3)}]"
        longer = f"append({self.list(below)}, {self.number(below)})"
        changed = f"{self.pick('reverse', 'distinct values', 'flatten')}({self.list(below)})"
        both = f"concatenate({self.list(below)}, {self.list(below)})"
        ordered = f"sort({self.list(below)}, function(p, q) p < q)"
        return self.pick(built, loop, steps, kept, longer, changed, both, ordered)


def our_answer(text: str) -> Any:
    """Our value as JSON would carry it."""
    context = json.loads(json.dumps(CONTEXT), parse_float=Decimal)
    try:
        return compile(text).evaluate(context).value
    except FeelError as error:
        return error.code


def agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool) or ours is None or theirs is None:
        return ours is theirs
    if isinstance(ours, Decimal) and isinstance(theirs, int | float | Decimal):
        return abs(float(ours) - float(theirs)) <= 1e-9 * max(1, abs(float(ours)))
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(agree(v, theirs[k]) for k, v in ours.items())
    return bool(ours == theirs)


def _reason(text: str) -> str:
    if "substring(" in text:
        return "past-end"
    if " in [" in text and " or " in text:
        return "in-or"
    return "null-order" if "sort(" in text else "if-else"


def write_answers(folder: str, seed: int = 2026, count: int = 600) -> None:
    generator = Generator(seed)
    texts = list(dict.fromkeys(generator.any() for _ in range(count)))
    script = Path(folder) / "answers.mjs"
    script.write_text(SCRIPT, encoding="utf-8")
    lines = "\n".join(json.dumps({"text": text, "context": CONTEXT}) for text in texts)
    done = subprocess.run(
        ["node", script.name], input=lines, capture_output=True, text=True, check=True, cwd=folder
    )
    rows = []
    for text, line in zip(texts, done.stdout.splitlines(), strict=True):
        row = {"text": text, "feelin": json.loads(line)}
        ours = our_answer(text)
        if not agree(ours, row["feelin"]):
            row |= {"ours": json.loads(json.dumps(ours, default=float)), "reason": _reason(text)}
        rows.append(json.dumps(row, ensure_ascii=False))
    ANSWERS.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_answers(sys.argv[1])
