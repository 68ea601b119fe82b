"""Judges one entry in this process: deploys its file, plays its cases, compares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions
from perfflow.workflow.actions.deploying import RefusedDeployment
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.status import status_of
from perfflow.workflow.deployments import deployable_path, read_tree
from perfflow.workflow.ports import directory, plug_directory
from perfflow.workflow.registry import doubled
from perfflow.workflow.scenarios.doubles import ScenarioDirectory, ServiceDoubles
from perfflow.workflow.scenarios.notation import DEFAULT_START, Entry, Story, Trace
from perfflow.workflow.scenarios.outcome import CaseResult, Failure, Outcome, said, Sentence
from perfflow.workflow.scenarios.player import Player
from perfflow.workflow.scenarios.setting import Setting, Templates
from perfflow.workflow.scenarios.skipping import without_foreign_work
from perfflow.workflow.scenarios.stage import Stage, Workplace
from perfflow.workflow.scenarios.tokens import Tape, with_tokens
from perfflow.workflow.scenarios.tracing import play_trace

REFUSED_TRACE = frozenset({"ERROR", "ERROR_deployment"})


class Judge:
    """One entry: its files, its databases, its verdict."""

    def __init__(self, entry: Entry, templates: Templates, setting: Setting, folder: Path) -> None:
        self.entry, self.templates, self.setting = entry, templates, setting
        self.folder, self.work = folder, Workplace(folder)
        self.place = deployable_path(entry.path) or f"processes/{entry.path.name}"
        self.tape: Tape | None = None
        self.unvisited: set[str] | None = None

    def outcome(self) -> Outcome:
        """The verdict."""
        entry = self.entry
        blank = Outcome(entry.file, entry.kind, entry.expect, "fail", "ran")
        for path in (entry.path, *entry.more):
            if not path.is_file():
                missing = said("workflow.no_such_file", path=str(path))
                return replace(blank, how="refused", expected=path.name, message=missing)
        template = self.templates.with_rooms if entry.needs_rooms else self.templates.plain
        assert template is not None
        findings = self._deploy(self.work.begin_from(template))
        if findings is not None:
            return self._refused(blank, findings)
        if entry.expect == "REJECT":
            return replace(blank, expected="refused", message=said("workflow.scenario_deployable"))
        return self._play_all(blank)

    # -- deploying ----------------------------------------------------------------------------

    def _deploy(self, database: Database) -> list[Finding] | None:
        """Deploy the file with everything around it; the findings when it is refused."""
        files = self._files()
        doubles = ServiceDoubles().find if self.tape is None else self.tape.find
        try:
            with doubled(doubles), database.writing() as session:
                actions.deploy(session, SYSTEM, DEFAULT_START, files)
        except RefusedDeployment as refused:
            return refused.findings
        return None

    def _files(self) -> dict[str, bytes]:
        content = self.entry.path.read_bytes()
        if self.entry.kind == "trace":
            content, self.tape = with_tokens(content)
        elif self.entry.expect == "RUN":
            content = without_foreign_work(content)
        around: dict[str, bytes] = {}
        root = _root_of(self.entry.path)
        if root is not None:
            around = {p: c for p, c in read_tree(root).items() if not p.startswith("catalogue/")}
        for path in self.entry.more:
            around[deployable_path(path) or f"processes/{path.name}"] = path.read_bytes()
        return around | {self.place: content}

    def _refused(self, blank: Outcome, findings: list[Finding]) -> Outcome:
        """A refused file passes where it may be refused and an error names an element."""
        errors = [one for one in findings if one.severity == "error"]
        named = next((one for one in self._of_file(errors) if one.element), None)
        first = named or errors[0]
        is_fine = named is not None and self.entry.expect != "RUN"
        if self.tape is not None and not is_fine:
            # A trace may itself say that the file is refused.
            wanted = [trace.expected for trace in self.entry.traces]
            is_fine = bool(wanted) and all(set(one) & REFUSED_TRACE for one in wanted)
        return replace(
            blank,
            result="pass" if is_fine else "fail",
            how="refused" if status_of(self._of_file(findings)) == "refused" else "draft",
            expected=None if is_fine else self.entry.expect,
            got=None if is_fine else first.code,
            element=first.element,
            message={"zh": first.message("zh"), "en": first.message("en")},
        )

    def _of_file(self, findings: list[Finding]) -> list[Finding]:
        return [one for one in findings if one.path == self.place]

    # -- playing ------------------------------------------------------------------------------

    def _play_all(self, blank: Outcome) -> Outcome:
        deployed = self.folder / "deployed.db"
        self.work.keep_as(deployed)
        results = []
        cases: list[Story | Trace] = [*self.entry.stories, *self.entry.traces]
        for number, case in enumerate(cases, start=1):
            failure = self._play(self.work.begin_from(deployed), case, number)
            if failure is not None and failure.message is None:
                failure = replace(failure, message=_differs(failure))
            results.append(
                CaseResult(number, case.name if isinstance(case, Story) else "", failure)
            )
        found = replace(
            blank,
            result="pass",
            cases=tuple(results),
            unvisited=tuple(sorted(self.unvisited or ())),
        )
        for one in results:
            if one.failure is not None:
                return _failed(found, one, one.failure)
        return found

    def _play(self, database: Database, case: Story | Trace, number: int) -> Failure | None:
        if isinstance(case, Trace):
            stage = Stage(database, DEFAULT_START)
            process = stage.first_process(self.place, self.entry.process)
            assert self.tape is not None
            tape = Tape(self.tape.error_code)
            with doubled(tape.find):
                return play_trace(stage, process, case, tape, number)
        stage = Stage(database, case.at)
        process = stage.first_process(self.place, case.process)
        if process is None:
            missing = said("workflow.scenario_no_process", process=case.process or self.entry.file)
            return Failure(0, case.process or self.entry.file, "—", None, missing)
        doubles = ServiceDoubles(case.services, passes_on=case.rooms)
        player = Player(stage, process, case, doubles, self.setting)
        stage.bundle.takes_forms = case.rooms
        real = directory()
        if not case.rooms:
            plug_directory(ScenarioDirectory(case.people))
        try:
            with doubled(doubles.find):
                return player.play()
        finally:
            plug_directory(real)
            self._visit(stage)

    def _visit(self, stage: Stage) -> None:
        """Strike what this case has passed from the elements of the file."""
        if self.unvisited is None:
            mine = (one for one in stage.bundle.processes.values() if one.path == self.place)
            self.unvisited = {e.original_id for one in mine for e in one.elements.values()}
        self.unvisited -= stage.passed_elements()


def _root_of(path: Path) -> Path | None:
    """The folder that holds ``processes/`` around the file, when it lies in such a tree."""
    for parent in path.absolute().parents:
        if parent.name == "processes":
            return parent.parent
    return None


def _failed(outcome: Outcome, case: CaseResult, failure: Failure) -> Outcome:
    """The outcome of an entry whose first failing case is this one."""
    return replace(
        outcome,
        result="fail",
        case=case.number,
        name=case.name,
        step=failure.step,
        expected=failure.expected,
        got=failure.got,
        element=failure.element,
        message=failure.message,
    )


def _differs(failure: Failure) -> Sentence:
    return said("workflow.scenario_differs", expected=failure.expected, got=failure.got)
