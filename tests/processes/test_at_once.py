"""Eight people hand in eight open tasks of one case at the same moment, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.processes.stages import FIRM
from tests.processes.walk import Walk
from tests.support.cast import CAST, Person
from tests.workflow.building import line, node, process, user_task

STAGE = FIRM
PEOPLE = CAST[:8]
KEY = "trial/1"


def eight_parts() -> bytes:
    """begun → fork → a part for each of eight people → join → after → ended."""
    parts = "".join(
        user_task(f"part-{number}", person.no) + line("fork", f"part-{number}", "join")
        for number, person in enumerate(PEOPLE)
    )
    return process(
        node("startEvent", "begun")
        + node("parallelGateway", "fork")
        + node("parallelGateway", "join")
        + parts
        + user_task("after", PEOPLE[0].no)
        + node("endEvent", "ended")
        + line("begun", "fork")
        + line("join", "after", "ended")
    )


def test_eight_simultaneous_hand_ins_of_one_case_all_succeed(walk: Walk) -> None:
    with walk.database.writing() as session:
        done = workflow_actions.deploy(
            session, SYSTEM, walk.clock.now(), {"processes/trial.bpmn": eight_parts()}
        )
        assert [str(one) for one in done.findings if one.severity == "error"] == []
        workflow_actions.start_instance(session, SYSTEM, walk.clock.now(), "trial", KEY, {})
    tasks = [walk.task(KEY, f"part-{number}") for number in range(len(PEOPLE))]
    barrier = Barrier(len(PEOPLE))

    def hand_in(number: int, person: Person) -> int:
        browser, task = walk.visit(person), tasks[number]
        barrier.wait()
        fields = {"revision": str(task.revision)}
        code: int = browser.post(f"/inbox/tasks/{task.id}", data=fields).status_code
        return code

    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        codes = list(pool.map(hand_in, range(len(PEOPLE)), PEOPLE))
    assert codes == [303] * len(PEOPLE)
    assert walk.steps(KEY) == ["after"]
    with walk.database.reading() as session:
        assert list(workflow_queries.verify_logs(session)) == []
