"""Serves an application over loopback HTTP for as long as a test needs it."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def served(app: Any, *, threads: int = 4) -> Iterator[str]:
    """The address of ``app`` on a port of its own, served by waitress in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = create_server(
        app,
        sockets=[listener],
        threads=threads,
        clear_untrusted_proxy_headers=True,
        # The loop notices within a second that it was closed; its default is thirty.
        asyncore_loop_timeout=1,
    )
    thread = threading.Thread(target=_run, args=(server,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.task_dispatcher.shutdown(timeout=5)  # first, or a late answer finds no server
        server.close()
        # A browser keeps its connections open; the loop ends when the last of them is gone.
        wasyncore.close_all(server._map, ignore_all=True)
        thread.join(timeout=10)
        listener.close()


def _run(server: Any) -> None:
    """Serve until closed; a socket that is closed while the loop waits for it ends the loop."""
    try:
        server.run()
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
