"""Conditions, signals and choices of events, and processes that begin by a trigger."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfflow.kernel.errors import RuleViolation
from tests.workflow.building import (
    Bench,
    line,
    mapping,
    node,
    process,
    said,
    say,
    service,
    timer,
    user_task,
)
from tests.workflow.test_event_sub_processes import (
    END,
    handler,
    MESSAGE,
    SIGNAL,
    START,
    whole,
    within,
)


def condition(text: str) -> str:
    """A conditional event definition."""
    return (
        '<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">'
        f"{text}</bpmn:condition></bpmn:conditionalEventDefinition>"
    )


# -- conditions -----------------------------------------------------------------------------------


def test_a_condition_that_becomes_true_interrupts_at_that_moment(bench: Bench) -> None:
    inner = (
        service("count", "testing.count", mapping(outputs={"turns": "=turns"}))
        + say("x")
        + user_task("work")
        + line("in", "count", "x", "work", "out")
    )
    bench.deploy(within(handler(condition("=turns &gt; 0")), inner))
    bench.start(turns=0)
    assert said() == ""
    assert bench.tasks() == ["handle"]


def test_a_condition_that_does_not_interrupt_comes_again_after_it_was_false(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + user_task("work")
            + user_task("look")
            + node("parallelGateway", "fork")
            + node("boundaryEvent", "rises", condition("=high"), attachedToRef="look",
                   cancelActivity="false")
            + say("x")
            + END
            + line("begun", "fork", "work", "work2", "work3", "done")
            + user_task("work2")
            + user_task("work3")
            + line("fork", "look", "done")
            + line("rises", "x", "done")
        )
    )  # fmt: skip
    bench.start(high=False)
    bench.complete("work", {"high": True})
    assert said() == "x"
    bench.complete("work2", {"high": False})
    assert said() == "x"
    bench.complete("work3", {"high": True})
    assert said() == "xx"


def test_a_caught_condition_goes_on_when_it_is_true_already(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node("parallelGateway", "fork")
            + node("intermediateCatchEvent", "until", condition("=good"))
            + user_task("work")
            + say("x")
            + END
            + line("begun", "fork", "until", "x", "done")
            + line("fork", "work", "done")
        )
    )
    bench.start("trial", "K1", good=True)
    assert said() == "x"
    bench.start("trial", "K2", good=False)
    assert said() == "x"
    bench.complete("work", {"good": True}, business="K2")
    assert said() == "xx"
    assert bench.status("K2") == "completed"


# -- signals and choices --------------------------------------------------------------------------


def test_a_signal_reaches_the_border_at_the_moment_of_the_throw(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node(
                "subProcess",
                "talk",
                node("startEvent", "in")
                + node("intermediateThrowEvent", "tell", SIGNAL)
                + say("x")
                + node("endEvent", "out")
                + line("in", "tell", "x", "out"),
            )
            + node("boundaryEvent", "heard", SIGNAL, attachedToRef="talk")
            + user_task("help")
            + END
            + line("begun", "talk", "done")
            + line("heard", "help", "done")
        )
    )
    bench.start()
    assert said() == ""
    assert bench.tasks() == ["help"]


def test_a_signal_is_heard_once_by_each_and_by_nobody_who_comes_later(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node("parallelGateway", "fork")
            + node("intermediateCatchEvent", "here", SIGNAL)
            + node("intermediateCatchEvent", "later", SIGNAL)
            + node("intermediateThrowEvent", "tell", SIGNAL)
            + user_task("work")
            + END
            + line("begun", "fork", "here", "later", "done")
            + line("fork", "work", "tell", "done")
        )
    )
    bench.start("trial", "K1")
    bench.start("trial", "K2")
    bench.complete("work", business="K1")
    assert (bench.status("K1"), bench.status("K2")) == ("active", "active")
    # The second throw reaches both at their second event.
    bench.complete("work", business="K2")
    assert (bench.status("K1"), bench.status("K2")) == ("completed", "completed")


def test_each_time_behind_one_choice_has_its_own_date(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node("eventBasedGateway", "which")
            + node("intermediateCatchEvent", "soon", timer("PT1H"))
            + node("intermediateCatchEvent", "late", timer("PT2H"))
            + node("intermediateCatchEvent", "ready", condition("=good"))
            + user_task("a")
            + user_task("b")
            + user_task("c")
            + END
            + line("begun", "which", "soon", "a", "done")
            + line("which", "late", "b", "done")
            + line("which", "ready", "c", "done")
        )
    )
    bench.start("trial", "K1", good=False)
    bench.start("trial", "K2", good=True)
    assert bench.tasks("K2") == ["c"]
    bench.advance(bench.now + timedelta(hours=3))
    assert bench.tasks("K1") == ["a"]


# -- beginnings -----------------------------------------------------------------------------------


def test_a_message_begins_a_process_with_its_key_and_payload(bench: Bench) -> None:
    content = whole(
        node("startEvent", "begun", MESSAGE)
        + user_task("work")
        + END
        + line("begun", "work", "done")
    )
    bench.deploy(content)
    bench.message("news", "K7", who="E1")
    assert bench.tasks("K7") == ["work"]
    assert bench.variables("K7") == {"who": "E1"}
    bench.message("news", "K7", who="E2")
    assert bench.variables("K7") == {"who": "E1"}
    bench.message("news", "", who="E3")
    assert bench.variables("news/1") == {"who": "E3"}
    with pytest.raises(RuleViolation) as raised:
        bench.start("trial", "K8")
    assert raised.value.code == "workflow.no_none_start"


def test_a_process_may_be_started_and_may_begin_by_a_signal(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node("startEvent", "alarmed", SIGNAL)
            + user_task("work")
            + user_task("help")
            + END
            + line("begun", "work", "done")
            + line("alarmed", "help", "done")
        )
    )
    bench.start()
    assert bench.tasks() == ["work"]
    bench.signal("alarm")
    bench.signal("alarm")
    assert (bench.tasks("alarm/1"), bench.tasks("alarm/2")) == (["help"], ["help"])


def test_a_process_begins_at_its_times(bench: Bench) -> None:
    content = whole(
        node("startEvent", "begun", timer("R2/PT1H", "timeCycle"))
        + user_task("work")
        + END
        + line("begun", "work", "done")
    )
    bench.deploy(content)
    assert bench.advance(bench.now + timedelta(hours=5)) == 2
    assert (bench.tasks("trial/1"), bench.tasks("trial/2")) == (["work"], ["work"])


def test_only_the_newest_bundle_waits_for_triggers(bench: Bench) -> None:
    content = whole(
        node("startEvent", "begun", SIGNAL)
        + user_task("work")
        + END
        + line("begun", "work", "done")
    )
    bench.deploy(content)
    bench.deploy(content.replace(b'"work"', b'"toil"'))
    bench.signal("alarm")
    assert bench.tasks("alarm/1") == ["toil"]
    bench.deploy(process(START + user_task("work") + END + line("begun", "work", "done")))
    bench.signal("alarm")
    assert bench.status("alarm/2") == "none"


# -- several triggers of one event ----------------------------------------------------------------


def test_the_first_of_several_triggers_is_enough(bench: Bench) -> None:
    catching = node("intermediateCatchEvent", "any", MESSAGE + SIGNAL + timer("PT1H"))
    body = START + catching + user_task("work") + END + line("begun", "any", "work", "done")
    bench.deploy(whole(body))
    for key in ("K1", "K2", "K3"):
        bench.start("trial", key)
    bench.message("news", "K1")
    assert (bench.tasks("K1"), bench.tasks("K2")) == (["work"], [])
    bench.signal("alarm")
    assert (bench.tasks("K2"), bench.tasks("K3")) == (["work"], ["work"])
    assert bench.advance(bench.now + timedelta(hours=2)) == 0


def test_all_of_several_triggers_must_come_where_it_is_said(bench: Bench) -> None:
    catching = node(
        "intermediateCatchEvent", "all", MESSAGE + timer("PT1H"), parallelMultiple="true"
    )
    body = START + catching + user_task("work") + END + line("begun", "all", "work", "done")
    bench.deploy(whole(body))
    bench.start()
    bench.message("news")
    bench.message("news")
    assert bench.tasks() == []
    assert bench.advance(bench.now + timedelta(hours=2)) == 1
    assert bench.tasks() == ["work"]


def test_a_border_event_of_several_triggers_comes_again_by_each(bench: Bench) -> None:
    body = (
        START
        + user_task("work")
        + node("boundaryEvent", "any", MESSAGE + SIGNAL, attachedToRef="work",
               cancelActivity="false")
        + user_task("look")
        + END
        + line("begun", "work", "done")
        + line("any", "look", "done")
    )  # fmt: skip
    bench.deploy(whole(body))
    bench.start()
    bench.signal("alarm")
    bench.message("news")
    bench.signal("alarm")
    assert bench.tasks() == ["look", "look", "look", "work"]


def test_an_event_tells_all_that_it_has_to_tell(bench: Bench) -> None:
    body = (
        START
        + node("parallelGateway", "fork")
        + user_task("work")
        + node("intermediateCatchEvent", "by-signal", SIGNAL)
        + node("intermediateCatchEvent", "by-message", MESSAGE)
        + say("a")
        + say("b")
        + node("endEvent", "done", SIGNAL + MESSAGE)
        + node("endEvent", "over")
        + line("begun", "fork", "work", "done")
        + line("fork", "by-signal", "a", "over")
        + line("fork", "by-message", "b", "over")
    )
    bench.deploy(whole(body))
    bench.start()
    bench.complete("work")
    assert sorted(said()) == ["a", "b"]
    assert bench.status() == "completed"


def test_an_event_sub_process_begins_by_any_of_its_triggers(bench: Bench) -> None:
    bench.deploy(within(handler(MESSAGE + timer("PT1H"), interrupting=False)))
    bench.start()
    bench.message("news")
    bench.advance(bench.now + timedelta(hours=3))
    assert bench.tasks() == ["handle", "handle", "work"]


def test_a_process_begins_by_any_of_its_triggers(bench: Bench) -> None:
    content = whole(
        node("startEvent", "begun", MESSAGE + SIGNAL)
        + user_task("work")
        + END
        + line("begun", "work", "done")
    )
    bench.deploy(content)
    bench.message("news", "K5")
    bench.signal("alarm")
    assert (bench.tasks("K5"), bench.tasks("alarm/1")) == (["work"], ["work"])


def test_a_signal_does_not_wake_what_it_has_ended(bench: Bench) -> None:
    body = (
        START
        + node("parallelGateway", "fork")
        + node(
            "subProcess",
            "talk",
            node("startEvent", "in")
            + user_task("work")
            + node("endEvent", "out")
            + line("in", "work", "out")
            + handler(SIGNAL, say("x") + line("heard", "x", "handled")),
        )
        + node("boundaryEvent", "off", SIGNAL, attachedToRef="talk")
        + user_task("help")
        + user_task("speak")
        + node("endEvent", "done", SIGNAL)
        + node("endEvent", "over")
        + line("begun", "fork", "talk", "over")
        + line("fork", "speak", "done")
        + line("off", "help", "over")
    )
    bench.deploy(whole(body))
    bench.start()
    bench.complete("speak")
    assert bench.tasks() == ["help"]
    assert said() == ""
    bench.complete("help")
    assert bench.status() == "completed"
