"""A compiled bundle: the processes, forms and decisions of one set of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from perfflow.forms import FormDefinition, parse_form
from perfflow.workflow.definitions.decisions import Decision, read_decisions
from perfflow.workflow.definitions.dialect import read_processes
from perfflow.workflow.definitions.elements import Process
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.normalise import normalise
from perfflow.workflow.definitions.xml_gate import read_xml
from perfflow.workflow.engine.codec import STATE_VERSION
from perfflow.workflow.engine.graph import Graph, SpecIndex

FORM_SUFFIX = ".form.json"


@dataclass
class CompiledBundle:
    """What instances of one bundle run on; shared by all of them and never changed."""

    files: Mapping[str, bytes]
    processes: dict[str, Process] = field(default_factory=dict)
    takes_forms: bool = True  # scenarios without rooms take answers as they are given
    _indexes: dict[str, SpecIndex] = field(default_factory=dict)
    _decisions: dict[str, Decision] | None = None

    def index(self, key: str) -> SpecIndex:
        """Graphs of the process and of all that it calls."""
        known = self._indexes.get(key)
        if known is None:
            graphs = {name: Graph(self.processes[name]) for name in self.closure(key)}
            known = self._indexes[key] = SpecIndex(graphs, self._version(key))
        return known

    def _version(self, key: str) -> str:
        """The hash of the files in which the process and those that it calls are."""
        paths = {self.processes[name].path for name in self.closure(key)}
        digest = blake2b(f"{STATE_VERSION} {key}".encode(), digest_size=20)
        for path in sorted(paths):
            digest.update(f"\n{path}\n".encode() + blake2b(self.files[path]).digest())
        return digest.hexdigest()

    def closure(self, key: str) -> list[str]:
        """The process and the processes that it calls, directly or not, sorted."""
        found, pending = {key}, [key]
        while pending:
            for called in self.processes[pending.pop()].called_processes:
                if called in self.processes and called not in found:
                    found.add(called)
                    pending.append(called)
        return sorted(found)

    def form(self, key: str) -> FormDefinition | None:
        """The form of that key, or None."""
        content = self.files.get(f"forms/{key}{FORM_SUFFIX}") if self.takes_forms else None
        return None if content is None else parse_form(content.decode())

    @property
    def form_keys(self) -> frozenset[str]:
        return form_keys(self.files)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """The decisions of the bundle by id."""
        if self._decisions is None:
            self._decisions = read_decisions(self.files)
        return self._decisions


def form_keys(files: Mapping[str, bytes]) -> frozenset[str]:
    """The keys of the form files among ``files``."""
    return frozenset(
        path.removeprefix("forms/").removesuffix(FORM_SUFFIX)
        for path in files
        if path.startswith("forms/") and path.endswith(FORM_SUFFIX)
    )


def compile_bundle(files: Mapping[str, bytes]) -> CompiledBundle:
    """Compile files that have passed the gate."""
    bundle = CompiledBundle(dict(files))
    for path in sorted(files):
        if not path.endswith(".bpmn"):
            continue
        findings = Findings(path)
        root = read_xml(files[path], findings)
        if root is None:
            raise ValueError(f"{path} has not passed the gate")
        normalise(root, findings)
        for process in read_processes(root, path, findings):
            if process.is_executable:
                bundle.processes[process.key] = process
    return bundle
