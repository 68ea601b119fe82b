"""The floor of a hand-in: the same application, one field, UPDATE + INSERT + COMMIT."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template_string, request
from sqlalchemy import Column, insert, Integer, MetaData, String, Table, update
from werkzeug.wrappers import Response

from perfflow.db import Database
from perfflow.web import Permission, requires, writing

FLOOR_PATH = "/floor"
PAGE = """<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input name="field" value="30"></form>"""
floor_tables = MetaData()
row = Table(
    "bench_row",
    floor_tables,
    Column("id", Integer, primary_key=True),
    Column("value", String(80)),
)
entry = Table(
    "bench_entry",
    floor_tables,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("value", String(80)),
)


def add_floor(app: Flask, database: Database) -> None:
    """Put the floor into an application, behind the same session, sign-in and form token."""
    floor_tables.create_all(database.engine)
    with database.writing() as session:
        session.execute(insert(row).values(id=1, value=""))
    blueprint = Blueprint("floor", __name__)

    @blueprint.get(FLOOR_PATH)
    @requires(Permission.INBOX_TASK_VIEW)
    def show() -> str:
        return render_template_string(PAGE)

    @blueprint.post(FLOOR_PATH)
    @requires(Permission.INBOX_TASK_COMPLETE)
    def store() -> Response:
        value = request.form["field"]
        with writing() as session:
            session.execute(update(row).where(row.c.id == 1).values(value=value))
            session.execute(insert(entry).values(value=value))
        return redirect(FLOOR_PATH, 303)

    app.register_blueprint(blueprint)
