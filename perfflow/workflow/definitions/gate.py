"""The deploy gate: XML gate, normalise, lint, parse and a trial start, as findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfflow.forms import check_form
from perfflow.workflow.definitions.bundle import form_keys
from perfflow.workflow.definitions.constraints import check_standard, without_repeats
from perfflow.workflow.definitions.decisions import check_decisions
from perfflow.workflow.definitions.dialect import read_processes
from perfflow.workflow.definitions.elements import Process
from perfflow.workflow.definitions.findings import Finding, Findings
from perfflow.workflow.definitions.normalise import normalise
from perfflow.workflow.definitions.policies import lint_policies
from perfflow.workflow.definitions.references import lint_references, Surroundings
from perfflow.workflow.definitions.structure import lint_structure, lint_tree, process_place
from perfflow.workflow.definitions.xml_gate import read_xml


@dataclass(slots=True)
class _File:
    """One BPMN file on its way through the gate."""

    path: str
    found: Findings
    standard: Findings
    root: Any = None
    processes: list[Process] = field(default_factory=list)


def check_files(
    files: Mapping[str, bytes], known_group: Callable[[str], bool] | None = None
) -> list[Finding]:
    """Findings about all files of a bundle, in the order of their paths."""
    processes: dict[str, Process] = {}
    decisions, findings = check_decisions(files)
    read: list[_File] = []
    names = frozenset(path.rsplit("/", 1)[-1] for path in files)
    for path in sorted(files):
        if path.endswith(".bpmn"):
            read.append(_read(path, files[path], processes, names))
        elif path.endswith(".form.json"):
            findings.extend(_check_form(path, files[path]))
    around = Surroundings(processes, form_keys(files), decisions, known_group or _any_role)
    for file in read:
        if file.root is not None:
            _lint(file, around)
    _check_calls(read, processes)
    for file in read:
        findings.extend(without_repeats(file.standard, file.found))
    return findings


def _any_role(name: str) -> bool:
    return Surroundings().known_group(name)


def _read(path: str, content: bytes, processes: dict[str, Process], names: frozenset[str]) -> _File:
    file = _File(path, Findings(path), Findings(path))
    root = read_xml(content, file.found)
    if root is None:
        return file
    # The standard speaks of what the author wrote, so it is asked before anything is rewritten.
    check_standard(root, file.standard, names)
    normalise(root, file.found)
    lint_tree(root, file.found)
    file.root = root
    file.processes = read_processes(root, path, file.found)
    for process in file.processes:
        if process.key in processes:
            other = processes[process.key].path
            file.found.error("WF-131", process_place(process), key=process.key, other=other)
        processes[process.key] = process
    return file


def _lint(file: _File, around: Surroundings) -> None:
    has_executable = any(process.is_executable for process in file.processes)
    for process in file.processes:
        if has_executable and not process.is_executable:
            file.found.note("WF-904", process_place(process))
            continue
        lint_structure(process, file.found)
        lint_references(process, around, file.found)
        lint_policies(process, file.found)


def _check_calls(read: list[_File], processes: Mapping[str, Process]) -> None:
    for file in read:
        for process in file.processes:
            pending, seen = list(process.called_processes), set()
            while pending:
                name = pending.pop()
                if name == process.key:
                    file.found.error("WF-129", process_place(process), process=process.key)
                    break
                if name not in seen and name in processes:
                    seen.add(name)
                    pending.extend(processes[name].called_processes)


def _check_form(path: str, content: bytes) -> list[Finding]:
    """The form engine's own findings in the shape of ours."""
    key = path.removeprefix("forms/").removesuffix(".form.json")
    return [
        Finding(
            found.code,
            found.severity,
            path,
            found.path or None,
            None,
            {"sentence_zh": found.message_zh, "sentence_en": found.message_en},
        )
        for found in check_form(content, key)
    ]
