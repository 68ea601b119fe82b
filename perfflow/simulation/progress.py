"""A progress bar on stderr, only where somebody looks."""

from __future__ import annotations

import sys
from datetime import datetime

WIDTH = 30


class Progress:
    """Shows how far the virtual year is, with the number of tasks done."""

    def __init__(self, first: datetime, last: datetime, label: str) -> None:
        self._first, self._last, self._label = first, last, label
        self._shown = -1

    def show(self, now: datetime, tasks: int) -> None:
        """Redraw when a percent has passed."""
        whole = max((self._last - self._first).total_seconds(), 1)
        share = min(max((now - self._first).total_seconds() / whole, 0), 1)
        percent = int(share * 100)
        if percent == self._shown or not sys.stderr.isatty():
            return
        self._shown = percent
        bar = "█" * int(share * WIDTH)
        text = f"\r{self._label} [{bar:<{WIDTH}}] {percent:3d} %  {now:%Y-%m-%d}  {tasks} tasks"
        print(text, end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the line."""
        if self._shown >= 0 and sys.stderr.isatty():
            print(file=sys.stderr)
