"""Loads the figures of the synthetic firm: month by month as feeds would, or years at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from perfflow.calendar import end_of_day
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.metrics.actions import load_batch
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.schemas import COLUMNS
from perfflow.seed.faults import deliver
from perfflow.seed.measures import Market, monthly_rows, ValueRow
from perfflow.seed.people import Firm
from perfflow.seed.streams import Stream


def load_month(
    session: Session,
    actor: Actor,
    now: datetime,
    firm: Firm,
    market: Market,
    month: date,
    careless: list[ValueRow] | None = None,
) -> int:
    """Everything that the firm's sources deliver for one month, one batch a source.

    With ``careless`` (a list that keeps what comes late) the feeds make their mistakes.
    """
    sources = {code: metric.source for code, metric in metric_catalogue(session).items()}
    by_source: dict[str, list[ValueRow]] = {}
    rows = [row for person in firm.people() for row in monthly_rows(firm, market, person, month)]
    if careless is not None:
        sent = deliver(rows, Stream(firm.seed, "faults", f"{month:%Y-%m}"))
        rows, careless[:] = careless + sent.rows, sent.late
    for row in rows:
        by_source.setdefault(sources[row.metric_code], []).append(row)
    for source, rows in sorted(by_source.items()):
        load_batch(
            session,
            actor,
            now,
            source=source,
            file_name=f"{source}-{month:%Y-%m}.csv",
            content=_file(rows),
        )
    return sum(map(len, by_source.values()))


def load_months(
    session: Session,
    firm: Firm,
    first: date,
    last: date,
    careless: list[ValueRow] | None = None,
) -> int:
    """Every month from ``first`` to ``last`` (their first days), each loaded at its own end."""
    market, count = Market(firm), 0
    for month in firm.window.month_starts():
        if first <= month <= last:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 3)
            now = end_of_day(following)
            count += load_month(session, SYSTEM, now, firm, market, month, careless)
    return count


def _file(rows: Iterable[ValueRow]) -> bytes:
    """The CSV file that a source would send."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[:-1])
    for row in rows:
        writer.writerow(
            (
                row.employee_no,
                row.metric_code,
                row.period,
                row.value or "",
                row.numerator or "",
                row.denominator or "",
            )
        )
    return text.getvalue().encode()
