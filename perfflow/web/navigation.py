"""The navigation: which entries exist, who sees them, and what is marked as here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import current_app, g, request, url_for

from perfflow.web.permissions import Permission, permits
from perfflow.web.requests import current_person, parts, reading


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads, what it needs, its icon and its text (a template message)."""

    endpoint: str
    permission: Permission
    icon: str
    label: str
    short_label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading; the personal group has none."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a page shows it to one person."""

    entry: Entry
    url: str
    is_here: bool
    count: int


GROUPS: Final = (
    Group(
        "",
        (
            Entry("home.today", Permission.HOME_PAGE_VIEW, "sun", "Today"),
            Entry("inbox.tasks", Permission.INBOX_TASK_VIEW, "inbox", "Inbox"),
            Entry("goals.mine", Permission.GOALS_SHEET_VIEW, "target", "My goals", "Goals"),
            Entry("goals.tree", Permission.GOALS_TREE_VIEW, "tree", "Goal alignment"),
            Entry(
                "reviews.mine",
                Permission.REVIEWS_RESULT_VIEW,
                "chart",
                "My performance",
                "Performance",
            ),
            Entry(
                "checkins.my_commitments",
                Permission.GOALS_SHEET_VIEW,
                "handshake",
                "My commitments",
            ),
            Entry(
                "checkins.activities", Permission.CHECKINS_ACTIVITY_LOG, "clipboard", "Activities"
            ),
            Entry("checkins.notes", Permission.CHECKINS_NOTE_WRITE, "chat", "Notes"),
            Entry(
                "payouts.statements",
                Permission.PAYOUTS_STATEMENT_VIEW,
                "receipt",
                "Bonus statements",
            ),
        ),
    ),
    Group(
        "Team",
        (
            Entry("home.team", Permission.TEAM_BOARD_VIEW, "people", "Team"),
            Entry(
                "calibration.sessions",
                Permission.CALIBRATION_SESSION_VIEW,
                "sliders",
                "Calibration",
            ),
        ),
    ),
    Group(
        "Running reviews",
        (
            Entry("home.monitor", Permission.CYCLES_MONITOR_VIEW, "pulse", "Cycle monitor"),
            Entry(
                "compliance.cases",
                Permission.COMPLIANCE_REGISTER_VIEW,
                "shield",
                "Compliance cases",
            ),
            Entry("appeals.appeals", Permission.APPEALS_APPEAL_VIEW, "gavel", "Appeals"),
            Entry("cycles.index", Permission.CYCLES_MONITOR_VIEW, "calendar", "Review cycles"),
            Entry("metrics.batches", Permission.METRICS_VALUE_VIEW, "database", "Metric data"),
            Entry("payouts.runs", Permission.PAYOUTS_RUN_VIEW, "calculator", "Payout runs"),
            Entry("plans.linter", Permission.PLANS_LINTER_VIEW, "shield", "Plan linter"),
            Entry("clawback.register", Permission.CLAWBACK_REGISTER_VIEW, "coin", "Clawback"),
            Entry("studio.deployments", Permission.STUDIO_DEPLOYMENT_VIEW, "layers", "Deployments"),
            Entry("home.work", Permission.CYCLES_MONITOR_VIEW, "hourglass", "Background work"),
            Entry("home.trail", Permission.AUDIT_TRAIL_VIEW, "book", "Audit trail"),
        ),
    ),
    Group(
        "Firm",
        (Entry("people.directory", Permission.PEOPLE_DIRECTORY_VIEW, "building", "Directory"),),
    ),
)
TABS: Final = ("home.today", "inbox.tasks", "goals.mine", "reviews.mine")
"""The first four of the five tabs on phones; the fifth leads to everything else."""


def navigation() -> list[tuple[Group, list[Shown]]]:
    """The groups with the entries that this application has and this person may use."""
    person = current_person()
    if person is None:
        return []
    counts = waiting_counts()
    groups = []
    for group in GROUPS:
        shown = [
            Shown(entry, url_for(entry.endpoint), is_here(entry), counts.get(entry.endpoint, 0))
            for entry in group.entries
            if entry.endpoint in current_app.view_functions
            and permits(person.actor, entry.permission)
        ]
        if shown:
            groups.append((group, shown))
    return groups


def tabs(groups: list[tuple[Group, list[Shown]]]) -> list[Shown]:
    """The entries of ``groups`` that are tabs on phones, in the order of :data:`TABS`."""
    by_endpoint = {shown.entry.endpoint: shown for _, entries in groups for shown in entries}
    return [by_endpoint[endpoint] for endpoint in TABS if endpoint in by_endpoint]


def is_here(entry: Entry) -> bool:
    """True for the entry of this page; a page may say ``g.nav_endpoint = "inbox.tasks"``.

    Without that, a room with a single entry owns all of its pages.
    """
    wanted: str = g.get("nav_endpoint") or request.endpoint or ""
    if wanted == entry.endpoint:
        return True
    room = entry.endpoint.split(".")[0]
    siblings = [one.endpoint for group in GROUPS for one in group.entries if _room(one) == room]
    return wanted not in siblings and wanted.split(".")[0] == room and entry.endpoint == siblings[0]


def _room(entry: Entry) -> str:
    return entry.endpoint.split(".")[0]


def waiting_counts() -> Mapping[str, int]:
    """How much waits behind which entry; nothing while a failing request draws its page."""
    person, ask = current_person(), parts().waiting_counts
    if person is None or ask is None or g.get("is_failing"):
        return {}
    if "waiting_counts" not in g:
        g.waiting_counts = ask(reading(), person.actor)
    counts: Mapping[str, int] = g.waiting_counts
    return counts
