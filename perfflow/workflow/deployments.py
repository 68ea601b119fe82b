"""Reading deployable files from a folder or from named files on disk."""

from __future__ import annotations

from pathlib import Path

from perfflow.kernel.errors import BadInput
from perfflow.workflow.actions.deploying import SUFFIXES

MAX_FILES = 2_000


def read_tree(root: Path) -> dict[str, bytes]:
    """All deployable files under ``processes/``, ``forms/`` and ``catalogue/`` of ``root``."""
    found: dict[str, bytes] = {}
    for folder, suffixes in SUFFIXES.items():
        base = root / folder
        if not base.is_dir():
            continue
        for path in sorted(base.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name.endswith(suffixes):
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    if not found:
        raise BadInput("workflow.nothing_to_deploy", path=str(root))
    if len(found) > MAX_FILES:
        raise BadInput("workflow.too_many_files", limit=MAX_FILES, got=len(found))
    return found


def read_paths(paths: list[Path]) -> dict[str, bytes]:
    """Files and folders as the command line names them, by their deployable path."""
    found: dict[str, bytes] = {}
    for path in paths:
        if not path.exists():
            raise BadInput("workflow.no_such_file", path=str(path))
        if path.is_dir() and any((path / folder).is_dir() for folder in SUFFIXES):
            found |= read_tree(path)
            continue
        members = sorted(path.rglob("*")) if path.is_dir() else [path]
        for member in members:
            if member.is_file():
                place = deployable_path(member)
                if place is not None:
                    found[place] = member.read_bytes()
                elif member == path:
                    raise BadInput("workflow.not_deployable", path=str(path))
    if not found:
        raise BadInput("workflow.nothing_to_deploy", path=" ".join(map(str, paths)))
    return found


def deployable_path(path: Path) -> str | None:
    """``…/processes/x/x.bpmn`` → ``processes/x/x.bpmn``; a loose file goes by its ending."""
    parts = path.absolute().parts
    for position in range(len(parts) - 2, -1, -1):
        folder = f"{parts[position]}/"
        if folder in SUFFIXES and path.name.endswith(SUFFIXES[folder]):
            return "/".join(parts[position:])
    name = path.name
    if name.endswith(".form.json"):
        return f"forms/{name}"
    if name.endswith(".bpmn"):
        return f"processes/{name.removesuffix('.bpmn')}/{name}"
    if name.endswith(".scenarios.json"):
        return f"processes/{name.removesuffix('.scenarios.json')}/{name}"
    if name.endswith(".dmn"):
        return f"processes/{name}"
    return None
