"""What the usual editors write keeps every rule: no false alarm on data, notes, groups, pools."""

from __future__ import annotations

from tests.workflow.building import document, line, node
from tests.workflow.constraints.twins import broken_rules, definition, END, START, task

DATA = (
    node("dataObject", "paper")
    + node("dataObjectReference", "seen", name="Paper", dataObjectRef="paper")
    + node("dataStoreReference", "archive", name="Archive")
)
WORK = (
    '<bpmn:userTask id="work" name="work"><bpmn:documentation>read it</bpmn:documentation>'
    "<bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements>"
    "<bpmn:incoming>begun-to-work</bpmn:incoming><bpmn:outgoing>work-to-done</bpmn:outgoing>"
    '<bpmn:property id="hidden" name="__targetRef_placeholder"/>'
    '<bpmn:dataInputAssociation id="reads"><bpmn:sourceRef>seen</bpmn:sourceRef>'
    "<bpmn:targetRef>hidden</bpmn:targetRef></bpmn:dataInputAssociation>"
    '<bpmn:dataOutputAssociation id="writes"><bpmn:targetRef>archive</bpmn:targetRef>'
    "</bpmn:dataOutputAssociation></bpmn:userTask>"
)
BEGUN = node("startEvent", "begun", "<bpmn:outgoing>begun-to-work</bpmn:outgoing>")
DONE = node("endEvent", "done", "<bpmn:incoming>work-to-done</bpmn:incoming>")
NOTES = (
    node("textAnnotation", "note", "<bpmn:text>why</bpmn:text>")
    + node("association", "line-to-note", sourceRef="work", targetRef="note")
    + node("group", "box", categoryValueRef="stage")
)
LANES = node(
    "laneSet",
    "lanes",
    node("lane", "left", "".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in
                                 ("begun", "work", "done")), name="left"),
)  # fmt: skip


def test_a_pool_with_lanes_data_notes_and_a_silent_partner_is_fine() -> None:
    collaboration = node(
        "collaboration",
        "all",
        node("participant", "ours", name="us", processRef="trial")
        + node("participant", "theirs", name="client")
        + node("messageFlow", "asks", sourceRef="theirs", targetRef="work")
        + node("messageFlow", "answers", sourceRef="work", targetRef="theirs"),
    )
    category = node("category", "stages", node("categoryValue", "stage", value="first"))
    body = LANES + BEGUN + WORK + DONE + line("begun", "work", "done") + DATA + NOTES
    process = f'<bpmn:process id="trial" isExecutable="true">{body}</bpmn:process>'
    assert broken_rules(document(collaboration + category + process)) == set()


def test_events_of_all_kinds_in_their_places_are_fine() -> None:
    roots = (
        node("message", "mail", name="mail") + node("signal", "bell", name="bell")
        + node("error", "bad", errorCode="E1") + node("escalation", "up", escalationCode="U1")
    )  # fmt: skip
    handlers = "".join(
        node("boundaryEvent", f"on-{kind}", definition(kind, **attributes), attachedToRef="sub",
             **more)
        + line(f"on-{kind}", "done")
        for kind, attributes, more in (
            ("message", {"messageRef": "mail"}, {"cancelActivity": "false"}),
            ("signal", {"signalRef": "bell"}, {}),
            ("error", {"errorRef": "bad"}, {}),
            ("escalation", {"escalationRef": "up"}, {"cancelActivity": "false"}),
        )
    )  # fmt: skip
    inside = (
        node("startEvent", "in") + node("intermediateThrowEvent", "shout",
                                        definition("escalation", escalationRef="up"))
        + node("endEvent", "fail", definition("error", errorRef="bad"))
        + line("in", "shout", "fail")
    )  # fmt: skip
    aside = node(
        "subProcess",
        "aside",
        node("startEvent", "heard", definition("message", messageRef="mail"),
             isInterrupting="false")
        + node("endEvent", "said", definition("terminate"))
        + line("heard", "said"),
        triggeredByEvent="true",
    )  # fmt: skip
    undo = (
        node("boundaryEvent", "undone", definition("compensate"), attachedToRef="work")
        + task("undo", isForCompensation="true")
        + node("intermediateThrowEvent", "back", definition("compensate", activityRef="work"))
    )  # fmt: skip
    body = (
        START + task() + node("subProcess", "sub", inside) + END + handlers + aside + undo
        + line("begun", "work", "back", "sub", "done")
    )  # fmt: skip
    # Artifacts stand behind everything else.
    body += node(
        "association", "undoes", sourceRef="undone", targetRef="undo", associationDirection="One"
    )
    process = f'<bpmn:process id="trial" isExecutable="true">{body}</bpmn:process>'
    assert broken_rules(document(roots + process)) == set()
