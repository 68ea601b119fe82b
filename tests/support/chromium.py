"""A Chromium to test with: named, found or fetched, with a font that has Chinese."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.support.packages import cache_folder, fetched, node
from tests.support.postgres import locked

NAMED = "PERFFLOW_CHROMIUM"
FETCH = "fetch"
"""PERFFLOW_CHROMIUM=fetch: do as if the machine had no Chromium."""
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)
_UNPACK = """
const {createReadStream, createWriteStream} = require("node:fs");
const {createBrotliDecompress} = require("node:zlib");
const {pipeline} = require("node:stream/promises");
const [source, target] = process.argv.slice(1);
pipeline(createReadStream(source), createBrotliDecompress(), createWriteStream(target));
"""
_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class NoChromiumError(Exception):
    """There is no browser to test with; the message says what to do."""


@dataclass(frozen=True)
class Chromium:
    """A program, and the environment that it needs besides the process's own."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def launch(self, playwright: Playwright) -> Browser:
        """A running headless browser."""
        return playwright.chromium.launch(
            executable_path=self.program,
            args=list(QUIET),
            env={**os.environ, **self.environment},
        )


def prepare_playwright() -> None:
    """Let Playwright drive with the wheel's node; its own needs libraries that machines lack."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node()))


def find_chromium() -> Chromium:
    """The program that PERFFLOW_CHROMIUM names, else the machine's, else a fetched one."""
    named = os.environ.get(NAMED)
    if named and named != FETCH:
        if not os.access(named, os.X_OK):
            raise NoChromiumError(f"{NAMED} names {named}, which is no program.")
        return Chromium(Path(named), chinese_font())
    found = None if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is not None:
        return Chromium(Path(found), chinese_font())
    return _fetched_chromium()


def chinese_font() -> dict[str, str]:
    """Nothing where the machine has a Chinese font; else the settings that bring one.

    Without one Chromium draws boxes in silence.
    """
    lister = shutil.which("fc-list")
    if lister is not None:
        listed = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, text=True)
        if listed.stdout.strip():
            return {}
    return fetched_font()


def fetched_font() -> dict[str, str]:
    """Settings under which the fetched Noto Sans SC is found."""
    fonts = fetched("font") / "@expo-google-fonts" / "noto-sans-sc"
    settings = cache_folder() / "fonts.conf"
    cache = cache_folder() / "fontconfig"
    with locked(cache_folder() / "fonts.lock"):
        settings.write_text(_FONTCONFIG.format(fonts=fonts, cache=cache), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(settings)}


def _fetched_chromium() -> Chromium:
    package = fetched("chromium") / "@sparticuz" / "chromium" / "bin"
    home = package.parents[3] / "browser"
    with locked(cache_folder() / "chromium-unpack.lock"):
        if not home.exists():
            draft = home.with_name("browser.part")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _unpack(package / "chromium.br", draft / "chromium")
            (draft / "chromium").chmod(0o755)
            for name in ("al2023", "swiftshader"):
                archive = draft / f"{name}.tar"
                _unpack(package / f"{name}.tar.br", archive)
                _untar_flat(archive, draft)
                archive.unlink()
            draft.rename(home)
    libraries = os.pathsep.join(filter(None, [str(home), os.environ.get("LD_LIBRARY_PATH", "")]))
    return Chromium(home / "chromium", {"LD_LIBRARY_PATH": libraries, **fetched_font()})


def _unpack(source: Path, target: Path) -> None:
    subprocess.run([node(), "-e", _UNPACK, source, target], check=True)


def _untar_flat(archive: Path, folder: Path) -> None:
    """Every file of ``archive`` beside the program, whatever folder it lay in."""
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                target = folder / Path(member.name).name
                target.write_bytes(content.read())
                target.chmod(0o755)
