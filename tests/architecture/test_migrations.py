"""Migrations are one chain: each number once, each after the one before."""

from __future__ import annotations

import re
from pathlib import Path

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
NUMBERS = re.compile(r'^(?:down_)?revision = (?:"(\d{4})"|None)$', re.MULTILINE)


def test_migrations_are_one_chain() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    found = [NUMBERS.findall((VERSIONS / name).read_text()) for name in names]
    expected = [
        [f"{number:04d}", f"{number - 1:04d}" if number > 1 else ""]
        for number in range(1, len(names) + 1)
    ]
    assert found == expected
    assert [name[:4] for name in names] == [numbers[0] for numbers in expected]
