"""The only place where all parts meet: ports, service tasks, form bindings and blueprints."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from perfflow.config import Settings
from perfflow.db import Database
from perfflow.jobs.queueing import plug_engine
from perfflow.kernel.clock import Clock, RunningClock, SystemClock
from perfflow.notifications.ports import plug_address_book
from perfflow.people.directory import PeopleDirectory
from perfflow.people.principals import PeoplePrincipals
from perfflow.web.install import create_base_app, install
from perfflow.workflow.ports import plug_directory

ROOMS_WITH_STEPS = (
    "people",
    "metrics",
    "cycles",
    "goals",
    "checkins",
    "compliance",
    "reviews",
    "calibration",
    "interviews",
    "appeals",
    "payouts",
    "clawback",
)
"""Rooms that register service tasks and form bindings."""

ROOMS_WITH_JOBS = ("people", "cycles")
"""Packages that register kinds of background work."""

PAGES = (
    "people",
    "metrics",
    "plans",
    "cycles",
    "goals",
    "checkins",
    "compliance",
    "reviews",
    "calibration",
    "interviews",
    "appeals",
    "payouts",
    "clawback",
    "inbox",
    "home",
    "studio",
    "studio.live",
)
"""Packages with a blueprint."""


def plug_rooms() -> None:
    """Let the platform ask the rooms, and the processes call them; safe to call twice."""
    from perfflow.people.address_book import PeopleAddressBook

    plug_directory(PeopleDirectory())
    plug_address_book(PeopleAddressBook())
    for room in ROOMS_WITH_STEPS:
        import_module(f"perfflow.{room}.service_tasks")
    from perfflow.calibration.ports import plug_pool_preview
    from perfflow.payouts.preview import PayoutPoolPreview

    plug_pool_preview(PayoutPoolPreview())
    for room in ROOMS_WITH_JOBS:
        import_module(f"perfflow.{room}.jobs")


def firm_clock(settings: Settings) -> Clock:
    """The machine's clock, or one that was set to ``PERFFLOW_NOW`` and runs on."""
    return SystemClock() if settings.now is None else RunningClock(settings.now)


def create_app(
    settings: Settings | None = None, database: Database | None = None, clock: Clock | None = None
) -> Flask:
    """The whole web application."""
    from perfflow.inbox.queries import waiting_counts

    settings = settings or Settings.from_environment()
    plug_rooms()
    database = database or Database(settings.database_url)
    plug_engine(settings.jobs, database)
    app = create_base_app(
        settings.secret_key(), secure_cookies=settings.base_url.startswith("https:")
    )
    install(
        app,
        database=database,
        clock=clock or firm_clock(settings),
        principals=PeoplePrincipals(),
        waiting_counts=waiting_counts,
        shows_firm_time=settings.now is not None,
    )
    app.config["FONTS"] = settings.fonts
    for package in PAGES:
        app.register_blueprint(import_module(f"perfflow.{package}.views").blueprint)
    return app
