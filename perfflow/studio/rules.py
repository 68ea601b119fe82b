"""Where an uploaded file belongs, and which uploads are refused before anybody reads them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

from perfflow.kernel.errors import BadInput

MAX_FILES = 60
MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_DRAFT_BYTES = 12 * 1024 * 1024
MAX_PATH = 200
_NAME = re.compile(r"[\w.\-]{1,100}", re.ASCII)
_FOLDER = re.compile(r"catalogue(/[a-z0-9-]{1,40}){0,3}")
_LOOSE = {".form.json": "forms/", ".dmn": "processes/"}
_CATALOGUE = (".yaml", ".yml")
_PAY = re.compile(
    r"pay|salar|wage|bonus|amount|income|compensation|money|_fen|fen$|薪|工资|奖金|金额|收入|津贴|发放",
    re.IGNORECASE,
)
SCENARIOS = ".scenarios.json"
_OF_A_PROCESS = (".bpmn", SCENARIOS)
KNOWN_ENDINGS = (".bpmn", ".dmn", ".form.json", SCENARIOS, ".yaml", ".yml")


def file_name(sent: str) -> str:
    """The plain name of an uploaded file; browsers on some systems send a whole path."""
    name = sent.replace("\\", "/").rsplit("/", 1)[-1]
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise BadInput("studio.bad_name", field="files", name=name[:100])
    if not name.endswith(KNOWN_ENDINGS):
        raise BadInput("studio.unknown_kind", field="files", name=name)
    return name


def place_of(name: str, known: Collection[str], folder: str = "") -> str:
    """The path of a file: where one of that name lies already, else where its kind belongs.

    A catalogue file that is new needs the folder it goes to.
    """
    same = sorted(path for path in known if path.rsplit("/", 1)[-1] == name)
    wanted = f"{folder}/{name}" if folder else ""
    if wanted in same:
        return wanted
    if len(same) == 1:
        return same[0]
    if len(same) > 1:
        raise BadInput("studio.several_places", field="files", name=name, places=", ".join(same))
    for ending in _OF_A_PROCESS:
        if name.endswith(ending):
            return f"processes/{name.removesuffix(ending)}/{name}"
    for ending, place in _LOOSE.items():
        if name.endswith(ending):
            return place + name
    if not _FOLDER.fullmatch(folder):
        raise BadInput("studio.which_folder", field="folder", name=name)
    return wanted


def catalogue_path(path: str) -> str:
    """The path of a catalogue file that somebody typed; anything else is refused."""
    folder, _, name = path.rpartition("/")
    is_catalogue = bool(_FOLDER.fullmatch(folder)) and name.endswith(_CATALOGUE)
    if not is_catalogue or not _NAME.fullmatch(name) or name.startswith("."):
        raise BadInput("studio.no_catalogue_path", field="path", path=path[:100])
    return path


def require_moderate(files: Mapping[str, bytes]) -> None:
    """Too many or too large files are refused as a whole."""
    if len(files) > MAX_FILES:
        raise BadInput("studio.too_many", field="files", limit=MAX_FILES, got=len(files))
    for path, content in files.items():
        name = path.rsplit("/", 1)[-1]
        if len(path) > MAX_PATH:
            raise BadInput("studio.bad_name", field="files", name=name[:100])
        if not content:
            raise BadInput("studio.empty_file", field="files", name=name)
        if len(content) > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 1024 // 1024
            raise BadInput("studio.file_too_large", field="files", name=name, limit=limit)
    if sum(map(len, files.values())) > MAX_DRAFT_BYTES:
        limit = MAX_DRAFT_BYTES // 1024 // 1024
        raise BadInput("studio.draft_too_large", field="files", limit=limit)


def fingerprint(files: Mapping[str, bytes]) -> str:
    """A short name for exactly these files: what was looked at is what is published."""
    digest = sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    return digest.hexdigest()[:24]


def mentions_pay(names: Iterable[str]) -> bool:
    """One of the names is about somebody's pay; rather one too many than one too few."""
    return any(_PAY.search(name) for name in names)
