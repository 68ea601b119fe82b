"""Runs an action statement by statement: two can be interleaved, one killed on its way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from perfflow.db import Database

SOON = 0.2  # seconds; a thread that is not heard of by then waits for a lock (or is slow)
AT_LAST = 60
Job = Callable[[Database], Any]


class Stepped:
    """A job in a thread of its own that stops before each of its statements, commit included."""

    def __init__(self, url: str, job: Job) -> None:
        self.database = Database(url)
        self.result: Any = None
        self._goes, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._is_owed = False  # it was let go and has not been heard of since
        self.is_over = False
        event.listen(self.database.engine, "before_cursor_execute", self._stop)
        event.listen(self.database.engine, "commit", self._stop)
        self._thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self._thread.start()

    def _stop(self, *_: Any) -> None:
        self._stands.release()
        self._goes.acquire()

    def _run(self, job: Job) -> None:
        try:
            self.result = job(self.database)
        except Exception as error:
            self.result = error
        self.is_over = True
        self._stands.release()

    def step(self, patience: float = SOON) -> bool:
        """Let it do one statement; False when it is over, or waits for somebody else."""
        if self.is_over:
            return False
        if not self._is_owed:
            self._stands.acquire(timeout=AT_LAST)  # it stands before a statement, or is over
            if self.is_over:
                return False
            self._goes.release()
        self._is_owed = not self._stands.acquire(timeout=patience)
        if not self._is_owed:
            self._stands.release()  # it stands again: the next step finds it there
        return not self._is_owed and not self.is_over

    def finish(self) -> Any:
        """Let it run to its end; its result, or the exception that came instead."""
        while self.step(AT_LAST):
            pass
        self._thread.join(AT_LAST)
        self.database.dispose()
        return self.result


def interleaved(url: str, first: Job, second: Job, after: int) -> tuple[Any, Any]:
    """``first`` does ``after`` statements, ``second`` what it can, then both go to the end."""
    one = Stepped(url, first)
    for _ in range(after):
        if not one.step(AT_LAST):  # nobody is in its way yet
            break
    two = Stepped(url, second)
    while two.step():
        pass
    # In turns: one may wait for a lock that the other, who was only slow, has taken since.
    while not (one.is_over and two.is_over):
        one.step()
        two.step()
    return one.finish(), two.finish()


def killed(url: str, job: Job, before: int) -> bool:
    """Run the job in a child that gets SIGKILL before statement ``before``; False if it ended.

    The commit counts as a statement. A child that ended well was never killed.
    """
    child = os.fork()
    if child == 0:
        try:
            database = Database(url)
            left = [before]

            def count(*_: Any) -> None:
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

            event.listen(database.engine, "before_cursor_execute", count)
            event.listen(database.engine, "commit", count)
            job(database)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
