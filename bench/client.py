"""What a measured client says and hears: ready, go, how many lives it has lived."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

WARM_UP = 15
# What is filled in at each task, about a goal sheet's worth: whoever keeps history keeps it.
ANSWERS = {
    "rows": [
        {"metric": f"CL-{number:02d}", "weight": 25, "target": str(1_000 + number),
         "reason": "Clients stay when their plan fits them, and when somebody calls in March."}
        for number in range(4)
    ],
    "comment": "Agreed after two talks; the second target was lowered for a reason given above.",
}  # fmt: skip


def lives(live: Callable[[], None], wanted: int) -> None:
    """Warm up, wait for the word, live, tell."""
    for _ in range(WARM_UP):
        live()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(wanted):
        live()
    print(json.dumps(wanted), flush=True)
