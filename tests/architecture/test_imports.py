"""The direction of imports, as the contracts in pyproject.toml state it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import PRODUCT, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]


def test_imports_go_down_only() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_package_has_its_place_in_the_stack() -> None:
    (layers,) = [contract for contract in CONTRACTS if contract["type"] == "layers"]
    assert layers["exhaustive"]
    stack = "|".join(layers["layers"]).replace(":", "|").split("|")
    named = {name.strip(" ()") for name in stack}
    assert {path.parent.name for path in PRODUCT.glob("*/__init__.py")} <= named
