"""Where an uploaded file belongs, and which uploads are refused unread."""

from __future__ import annotations

import pytest

from perfflow.kernel.errors import BadInput
from perfflow.studio.rules import (
    file_name,
    fingerprint,
    MAX_DRAFT_BYTES,
    MAX_FILE_BYTES,
    MAX_FILES,
    place_of,
    require_moderate,
)

KNOWN = ("processes/review/review.bpmn", "catalogue/cards/FA.yaml", "catalogue/plans/FA.yaml")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("review.bpmn", "review.bpmn"),
        ("C:\\files\\review.bpmn", "review.bpmn"),
        ("some/where/goal-sheet.form.json", "goal-sheet.form.json"),
        ("../../../etc/rules.dmn", "rules.dmn"),
    ],
)
def test_only_the_plain_name_of_a_file_counts(sent: str, name: str) -> None:
    assert file_name(sent) == name


@pytest.mark.parametrize(
    "sent", ["", "..", ".bpmn", "a b.bpmn", "a\x00.bpmn", "流程.bpmn", "x" * 101 + ".dmn"]
)
def test_names_that_are_hard_to_keep_are_refused(sent: str) -> None:
    with pytest.raises(BadInput, match=r"studio\.bad_name"):
        file_name(sent)


@pytest.mark.parametrize("sent", ["a.exe", "a.json", "a.zip", "a.bpmn.exe", "a"])
def test_other_kinds_of_files_are_refused(sent: str) -> None:
    with pytest.raises(BadInput, match=r"studio\.unknown_kind"):
        file_name(sent)


def test_a_file_goes_where_one_of_its_name_lies() -> None:
    assert place_of("review.bpmn", KNOWN) == "processes/review/review.bpmn"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("new.bpmn", "processes/new/new.bpmn"),
        ("rules.dmn", "processes/rules.dmn"),
        ("new.form.json", "forms/new.form.json"),
    ],
)
def test_a_new_file_goes_where_its_kind_belongs(name: str, path: str) -> None:
    assert place_of(name, KNOWN) == path


def test_a_name_in_two_places_needs_a_folder() -> None:
    with pytest.raises(BadInput, match=r"studio\.several_places"):
        place_of("FA.yaml", KNOWN)
    assert place_of("FA.yaml", KNOWN, "catalogue/plans") == "catalogue/plans/FA.yaml"


@pytest.mark.parametrize(
    "folder", ["", "processes", "catalogue/..", "catalogue/../forms", "/catalogue", "catalogue//x"]
)
def test_a_new_catalogue_file_needs_a_folder_of_the_catalogue(folder: str) -> None:
    with pytest.raises(BadInput, match=r"studio\.which_folder"):
        place_of("new.yaml", KNOWN, folder)


def test_files_at_the_limit_pass_and_one_byte_more_does_not() -> None:
    require_moderate({"forms/a.form.json": b"x" * MAX_FILE_BYTES})
    with pytest.raises(BadInput, match=r"studio\.file_too_large"):
        require_moderate({"forms/a.form.json": b"x" * (MAX_FILE_BYTES + 1)})


def test_an_empty_file_too_many_files_and_too_much_in_all_are_refused() -> None:
    with pytest.raises(BadInput, match=r"studio\.empty_file"):
        require_moderate({"forms/a.form.json": b""})
    with pytest.raises(BadInput, match=r"studio\.too_many"):
        require_moderate({f"forms/{n}.form.json": b"x" for n in range(MAX_FILES + 1)})
    pieces = MAX_DRAFT_BYTES // MAX_FILE_BYTES + 1
    with pytest.raises(BadInput, match=r"studio\.draft_too_large"):
        require_moderate({f"forms/{n}.form.json": b"x" * MAX_FILE_BYTES for n in range(pieces)})


def test_a_fingerprint_names_paths_and_bytes_but_no_order() -> None:
    files = {"a": b"1", "b": b"2"}
    assert fingerprint(files) == fingerprint(dict(reversed(files.items())))
    others = ({"a": b"2", "b": b"1"}, {"a": b"12", "b": b""}, {"a": b"1"}, {"c": b"1", "b": b"2"})
    assert fingerprint(files) not in {fingerprint(other) for other in others}
