"""Reads the code base as data: files, functions, calls, message catalogues, templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "perfflow"
FOLDERS = (PRODUCT, ROOT / "tests", ROOT / "migrations", ROOT / "bench")


def python_files(*folders: Path) -> list[Path]:
    """Every Python file below ``folders`` (default: all that we write)."""
    found = [path for folder in folders or FOLDERS for path in folder.rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path, line: int | None = None) -> str:
    """A path as a reader of the repository writes it."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Every call of a function, class or method called one of ``names``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and called_name(node) in names:
            yield node


def called_name(call: ast.Call) -> str | None:
    """``f`` in ``f()`` and in ``x.f()``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def literal(node: ast.expr | None) -> str | None:
    """The text of a string literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def packages() -> list[Path]:
    """Every package of the product."""
    return sorted(path.parent for path in PRODUCT.glob("*/__init__.py"))


@cache
def catalogue(path: Path) -> dict[str, tuple[str, ...]]:
    """Message id → its forms; a message without words has none."""
    with path.open("rb") as file:
        parsed = read_po(file)
    messages: dict[str, tuple[str, ...]] = {}
    for message in parsed:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else message.string
        messages[name] = () if message.fuzzy else tuple(form for form in forms if form)
    return messages


def merged(locale: str) -> dict[str, tuple[str, ...]]:
    """All catalogues of a locale as one."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(PRODUCT.glob(f"*/locale/{locale}.po")):
        found.update(catalogue(path))
    return found


def template_texts() -> Iterator[tuple[Path, int, str]]:
    """(template, line, text) of everything that a template marks for translation."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    for path in sorted(PRODUCT.glob("*/templates/**/*.*")):
        if path.suffix not in {".html", ".txt", ".svg", ".xml"}:
            continue
        source = path.read_text(encoding="utf-8")
        for line, _function, message in environment.extract_translations(source):
            # A plural stands under its singular in the catalogues.
            for text in (message,) if isinstance(message, str) else (message or ())[:1]:
                if text:
                    yield path, line, text
