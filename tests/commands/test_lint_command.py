"""``perfflow lint``: statuses, exit codes and the JSON document that tools read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from perfflow import cli
from perfflow.workflow.definitions.codes import all_codes, codes_as_markdown
from tests.workflow.building import extensions, line, node, process, user_task

ROOT = Path(__file__).parents[2]
GOOD = process(
    node("startEvent", "begun") + user_task("work") + node("endEvent", "done")
    + line("begun", "work", "done")
)  # fmt: skip
DRAWN = process(node("startEvent", "begun") + user_task("work"))
HOSTILE = b"<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file of each status."""
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    (tmp_path / "drawn.bpmn").write_bytes(DRAWN)
    (tmp_path / "hostile.bpmn").write_bytes(HOSTILE)
    return tmp_path


def lint(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON."""
    code = cli.main(["lint", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_folder_is_counted_by_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = lint(capsys, folder)
    assert code == 1
    assert {name: answer[name] for name in ("accepted", "draft", "refused")} == {
        "accepted": 1, "draft": 1, "refused": 1,
    }  # fmt: skip
    by_name = {Path(one["file"]).name: one for one in answer["files"]}
    assert {name: (one["status"], one["deployable"]) for name, one in by_name.items()} == {
        "good.bpmn": ("accepted", True),
        "drawn.bpmn": ("draft", False),
        "hostile.bpmn": ("refused", False),
    }


def test_a_finding_has_exactly_the_documented_parts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, answer = lint(capsys, folder / "drawn.bpmn")
    (file,) = answer["files"]
    assert set(answer) == {"accepted", "draft", "refused", "files"}
    assert set(file) == {"file", "status", "deployable", "findings"}
    for finding in file["findings"]:
        assert set(finding) == {
            "code", "severity", "element", "line", "message", "remedy", "translated_from",
        }  # fmt: skip
        assert finding["severity"] in ("error", "warning", "info")
        assert set(finding["message"]) == set(finding["remedy"]) == {"zh", "en"}
        assert all((*finding["message"].values(), *finding["remedy"].values()))
    errors = [one for one in file["findings"] if one["severity"] == "error"]
    assert "begun" in {one["element"] for one in errors}


def test_warnings_do_not_keep_a_file_from_being_deployed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = lint(capsys, folder / "good.bpmn")
    assert code == 0
    assert {one["severity"] for one in answer["files"][0]["findings"]} == {"warning"}


@pytest.mark.parametrize("arguments", [[], ["no/such/file.bpmn"]])
def test_without_files_there_is_nothing_to_say(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lint", *arguments]) == 2
    assert capsys.readouterr().out == ""


def test_a_folder_without_files_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    assert cli.main(["lint", str(tmp_path)]) == 2
    assert "no files" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, *arguments: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "good.bpmn").write_bytes(GOOD)
    monkeypatch.setattr("perfflow.commands.lint.Path.open", closed)
    assert cli.main(["lint", str(tmp_path / "good.bpmn")]) == 2
    assert "good.bpmn" in capsys.readouterr().err


def test_a_named_file_of_any_ending_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("a.xml", GOOD), ("b.bin", b"\x00\x01"), ("c.txt", b"hello")):
        (tmp_path / name).write_bytes(content)
    code, answer = lint(capsys, *(tmp_path / name for name in ("a.xml", "b.bin", "c.txt")))
    assert code == 1
    assert [one["status"] for one in answer["files"]] == ["accepted", "refused", "refused"]


def test_the_text_names_the_place_and_the_remedy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lint", str(folder)]) == 1
    said = capsys.readouterr().out
    assert re.search(r"^  error WF-\d{3} begun \(\d+\)$", said, re.MULTILINE)
    assert "1 accepted, 1 draft, 1 refused" in said


def test_files_of_one_folder_may_hold_processes_of_the_same_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.bpmn", "two.bpmn"):
        (tmp_path / name).write_bytes(GOOD)
    assert lint(capsys, tmp_path)[0] == 0


def test_a_called_process_is_found_in_the_neighbouring_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = node("callActivity", "work", extensions('<zeebe:calledElement processId="other"/>'))
    calling = process(
        node("startEvent", "begun") + call + node("endEvent", "done")
        + line("begun", "work", "done")
    )  # fmt: skip
    (tmp_path / "calling.bpmn").write_bytes(calling)
    code, alone = lint(capsys, tmp_path / "calling.bpmn")
    assert code == 1
    assert "WF-412" in {one["code"] for one in alone["files"][0]["findings"]}
    (tmp_path / "other.bpmn").write_bytes(GOOD.replace(b'id="trial"', b'id="other"'))
    assert lint(capsys, tmp_path)[0] == 0


def test_an_import_is_found_beside_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = GOOD.index(b"<bpmn:process")
    imported = (
        b'<bpmn:import namespace="n" location="other.bpmn" '
        b'importType="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    )
    (tmp_path / "one.bpmn").write_bytes(GOOD[:start] + imported + GOOD[start:])
    assert lint(capsys, tmp_path / "one.bpmn")[0] == 1
    (tmp_path / "other.bpmn").write_bytes(GOOD.replace(b'id="trial"', b'id="other"'))
    assert lint(capsys, tmp_path / "one.bpmn")[0] == 0


def test_the_shipped_files_are_deployable(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = lint(capsys, ROOT / "processes", ROOT / "forms")
    assert code == 0
    assert answer["draft"] == answer["refused"] == 0
    assert answer["accepted"] > 40


def test_every_code_of_the_source_is_in_the_documented_list() -> None:
    used = {
        code
        for path in (ROOT / "perfflow" / "workflow").rglob("*.py")
        for code in re.findall(r'"(WF-\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert used == {code for code, _, _ in all_codes() if code.startswith("WF-")}
    page = (ROOT / "docs" / "reference" / "findings.md").read_text(encoding="utf-8")
    assert page.strip() == codes_as_markdown().strip()


def test_every_code_has_a_sentence_and_a_remedy_in_both_languages() -> None:
    from perfflow.i18n import translate

    for code, _, _ in all_codes():
        if code.startswith("WF-"):
            for message in (f"workflow.finding.{code}", f"workflow.finding.{code}.remedy"):
                zh, en = translate(message, {}, "zh"), translate(message, {}, "en")
                assert message not in (zh, en)
                assert re.search(r"[\u4e00-\u9fff]", zh)
                assert zh != en
