"""The look as files: colours only in tokens, two dark sets that agree, nothing inline anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import perfflow

ROOT = Path(perfflow.__file__).parent
STATIC = ROOT / "web" / "static"
SHEETS = sorted(STATIC.glob("css/*.css"))
TEMPLATES = sorted(ROOT.rglob("templates/**/*.html"))
DECLARATION = re.compile(r"^\s*(--pf-[\w-]+|color-scheme):\s*([^;]+);", re.MULTILINE)


def block(sheet: str, selector: str) -> dict[str, str]:
    start = sheet.index(selector) + len(selector)
    return dict(DECLARATION.findall(sheet[start : sheet.index("}", start)]))


def luminance(colour: str) -> float:
    digits = colour.strip().removeprefix("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def themes() -> dict[str, dict[str, str]]:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    light = block(tokens, ":root {")
    return {"light": light, "dark": {**light, **block(tokens, ':root[data-theme="dark"] {')}}


def test_the_dark_set_of_the_system_equals_the_chosen_one() -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    chosen = block(tokens, ':root[data-theme="dark"] {')
    assert chosen == block(tokens, ':root[data-theme="system"] {')
    assert len(chosen) > 40


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["--pf-bg", "--pf-surface", "--pf-sunken"])
@pytest.mark.parametrize(
    "ink",
    ["--pf-text", "--pf-text-2", "--pf-text-3", "--pf-accent", "--pf-ok", "--pf-warn", "--pf-bad"],
)
def test_text_can_be_read_on_every_ground(theme: str, ground: str, ink: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["accent", "ok", "warn", "bad"])
def test_badges_can_be_read_on_their_own_tint(theme: str, kind: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[f"--pf-{kind}"], colours[f"--pf-{kind}-soft"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_controls_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    for ground in ("--pf-bg", "--pf-surface"):
        assert contrast(colours["--pf-control"], colours[ground]) >= 3


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_only_tokens_and_paper_name_colours(sheet: Path) -> None:
    named = re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text())
    assert not named or sheet.name in ("tokens.css", "print.css")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_stay_short_and_use_tokens_that_exist(sheet: Path) -> None:
    text = sheet.read_text()
    assert len(text.splitlines()) <= 400
    assert set(re.findall(r"var\((--pf-[\w-]+)", text)) <= set(themes()["light"])


def test_every_class_of_motion_stops_for_those_who_asked_for_none() -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    still = tokens[tokens.index("prefers-reduced-motion") :]
    assert "--pf-fast: 0ms" in still
    assert "--pf-slow: 0ms" in still
    for sheet in SHEETS:
        for motion in re.findall(r"(?:transition|animation):([^;]+);", sheet.read_text()):
            assert "var(--pf-" in motion, sheet.name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_script_style_or_colour(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<[a-z][^>{]*\sstyle=", text), "style attributes are blocked"
    assert not re.search(r"<style\b", text), "style elements are blocked"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline scripts are blocked"
    assert not re.search(r"<[a-z][^>{]*\son[a-z]+=", text), "inline handlers are blocked"
    assert not re.search(r"(?:fill|stroke|color)=\"#", text), "colours come from classes"
