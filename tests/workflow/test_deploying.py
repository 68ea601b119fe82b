"""Deploying: immutable numbered bundles and releases, versions, dry runs, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput, NotFound, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.actions.deploying import RefusedDeployment
from perfflow.workflow.deployments import deployable_path, read_paths, read_tree
from perfflow.workflow.models import Bundle
from tests.workflow.building import Bench, line, node, process, user_task

PLAIN = process(
    node("startEvent", "begun")
    + user_task("work")
    + node("endEvent", "done")
    + line("begun", "work", "done")
)
BROKEN = process(node("startEvent", "begun"))
OTHER = PLAIN.replace(b'"trial"', b'"other"')


def deploy(bench: Bench, **files: bytes) -> actions.Deployed:
    """Deploy by short names: p_x → processes/x.bpmn, c_x → catalogue/x.yaml."""
    paths = {"p": "processes/{}.bpmn", "c": "catalogue/{}.yaml", "f": "forms/{}.form.json"}
    named = {paths[key[0]].format(key[2:]): content for key, content in files.items()}
    with bench.database.writing() as session:
        return actions.deploy(session, SYSTEM, bench.now, named)


def test_the_same_content_again_makes_no_new_number(bench: Bench) -> None:
    first = deploy(bench, p_a=PLAIN, c_m=b"x: 1\n")
    again = deploy(bench, p_a=PLAIN, c_m=b"x: 1\n")
    assert (first.bundle_number, first.release_number) == (1, 1)
    assert (again.bundle_number, again.release_number, again.changed) == (1, 1, ())
    with bench.database.reading() as session:
        assert len(queries.deployments(session)) == 1


def test_a_deployment_replaces_its_files_and_keeps_the_others(bench: Bench) -> None:
    deploy(bench, p_a=PLAIN, p_b=OTHER)
    second = deploy(bench, p_a=PLAIN.replace(b'"work"', b'"toil"'))
    assert (second.bundle_number, second.changed) == (2, ("processes/a.bpmn",))
    with bench.database.reading() as session:
        versions = {v.definition_key: v.version for v in queries.process_versions(session, 2)}
        assert "work" in queries.bundle_of(session, 1).processes["trial"].elements
        assert "toil" in queries.bundle_of(session, 2).processes["trial"].elements
    assert versions == {"trial": 2, "other": 1}


def test_going_back_to_older_files_is_a_new_bundle(bench: Bench) -> None:
    deploy(bench, p_a=PLAIN)
    deploy(bench, p_a=PLAIN.replace(b'"work"', b'"toil"'))
    assert deploy(bench, p_a=PLAIN).bundle_number == 3


def test_a_catalogue_file_makes_a_release_and_no_bundle(bench: Bench) -> None:
    deploy(bench, p_a=PLAIN, c_m=b"x: 1\n")
    changed = deploy(bench, c_m="名称: 二\n".encode())
    assert (changed.bundle_number, changed.release_number) == (1, 2)
    with bench.database.reading() as session:
        assert queries.catalogue_documents(session, 1) == {"catalogue/m.yaml": "x: 1\n"}
        assert queries.catalogue_documents(session, 2) == {"catalogue/m.yaml": "名称: 二\n"}
        assert (queries.current_bundle(session), queries.current_release(session)) == (1, 2)


def test_errors_refuse_the_whole_deployment(bench: Bench) -> None:
    deploy(bench, p_a=PLAIN)
    with pytest.raises(RefusedDeployment) as raised:
        deploy(bench, p_a=BROKEN, p_b=OTHER, c_m=b"x: 1\n")
    errors = [found for found in raised.value.findings if found.severity == "error"]
    assert {found.path for found in errors} == {"processes/a.bpmn"}
    with bench.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Bundle)).scalar_one() == 1
        assert queries.current_bundle(session) == 1


def test_a_dry_run_tells_everything_and_stores_nothing(bench: Bench) -> None:
    with bench.database.writing() as session:
        told = actions.deploy(
            session, SYSTEM, bench.now, {"processes/a.bpmn": BROKEN}, dry_run=True
        )
    assert [finding.code for finding in told.errors] == ["WF-632"]
    assert told.changed == ("processes/a.bpmn",)
    with bench.database.reading() as session, pytest.raises(NotFound):
        queries.current_bundle(session)


@pytest.mark.parametrize(
    "path",
    ["etc/passwd", "processes/../x.bpmn", "processes/x.py", "forms/x.json", "catalogue/x.exe"],
)
def test_only_known_kinds_of_files_in_their_folders_are_taken(bench: Bench, path: str) -> None:
    with bench.database.writing() as session, pytest.raises(BadInput):
        actions.deploy(session, SYSTEM, bench.now, {path: b""})


def test_a_called_process_may_come_from_an_earlier_deployment_only(bench: Bench) -> None:
    calling = process(
        node("startEvent", "begun")
        + node(
            "callActivity",
            "work",
            '<bpmn:extensionElements><zeebe:calledElement processId="trial"/>'
            "</bpmn:extensionElements>",
        )
        + node("endEvent", "done")
        + line("begun", "work", "done"),
        key="caller",
    )
    with pytest.raises(RuleViolation):
        deploy(bench, p_c=calling)
    deploy(bench, p_a=PLAIN)
    assert deploy(bench, p_c=calling).bundle_number == 2


def test_an_unknown_definition_or_bundle_cannot_be_started(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.start()
    bench.deploy(PLAIN)
    with pytest.raises(NotFound):
        bench.start("unheard-of")


def write(root: Path, *names: str) -> None:
    """Empty files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_a_tree_is_read_by_folder_and_ending(tmp_path: Path) -> None:
    write(
        tmp_path,
        "processes/a/a.bpmn",
        "processes/a/notes.txt",
        "forms/f.form.json",
        "catalogue/metrics/m.yaml",
        "other/x.bpmn",
    )
    assert set(read_tree(tmp_path)) == {
        "processes/a/a.bpmn",
        "forms/f.form.json",
        "catalogue/metrics/m.yaml",
    }
    assert set(read_paths([tmp_path / "processes"])) == {"processes/a/a.bpmn"}


def test_a_loose_file_goes_by_its_ending(tmp_path: Path) -> None:
    assert deployable_path(tmp_path / "x.bpmn") == "processes/x/x.bpmn"
    assert deployable_path(tmp_path / "y.form.json") == "forms/y.form.json"
    assert deployable_path(tmp_path / "z.txt") is None


def test_nothing_to_deploy_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read_tree(tmp_path)
    with pytest.raises(BadInput):
        read_paths([tmp_path / "missing"])
