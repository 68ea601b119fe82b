"""Plays one trace: start, let time pass, compare what the tokens wrote with the expected."""

from __future__ import annotations

from typing import Any

from perfflow.kernel.errors import PerfFlowError
from perfflow.workflow.definitions.elements import Process
from perfflow.workflow.scenarios.notation import Trace
from perfflow.workflow.scenarios.outcome import Failure, NOTHING, said, Sentence, sentence, shown
from perfflow.workflow.scenarios.stage import Stage, starts_by_itself
from perfflow.workflow.scenarios.tokens import Tape

COMPANION = "ParallelProcess"
UNHANDLED = "workflow.unhandled_error"
THROWN, RUNTIME = "ERROR_thrownErrorEvent", "ERROR_runtime"


def play_trace(
    stage: Stage, process: Process | None, trace: Trace, tape: Tape, number: int
) -> Failure | None:
    """None when the sorted trace is the expected one; errors are a part of it."""
    if process is None:
        return Failure(0, NOTHING, NOTHING, None, said("workflow.scenario_no_process", process=""))
    variables: dict[str, Any] = {"integerVariable": trace.number, "testCaseNumber": number}
    if trace.text is not None:
        variables["test"] = trace.text
    problem: PerfFlowError | None = None
    try:
        if trace.has_companion and COMPANION in stage.bundle.processes:
            stage.start(COMPANION, f"{COMPANION}{number}", {"testCaseNumber": number})
        if starts_by_itself(process):
            stage.start(process.key, f"{process.key}{number}", variables)
        stage.wait(trace.delay_ms)
    except PerfFlowError as error:
        problem = error
        tape.written.append(THROWN if error.code == UNHANDLED else RUNTIME)
    got = tape.differs_from(trace.expected)
    if got is None:
        return None
    message: Sentence | None = None if problem is None else sentence(problem)
    return Failure(0, shown(sorted(trace.expected)), shown(got), None, message)
