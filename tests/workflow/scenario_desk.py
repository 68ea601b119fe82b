"""Writes small scenario files and plays them, for tests of the runner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from perfflow.workflow.scenarios import Outcome, read_scenarios, run_entries, Setting


class Desk:
    """Writes files and plays them."""

    def __init__(self, folder: Path, setting: Setting) -> None:
        self.folder, self.setting = folder, setting

    def write(self, content: bytes, **entry: Any) -> Path:
        (self.folder / "trial.bpmn").write_bytes(content)
        file = self.folder / "trial.scenarios.json"
        whole = {"format": 1, "entries": [{"file": "trial.bpmn", **entry}]}
        file.write_text(json.dumps(whole), encoding="utf-8")
        return file

    def play(self, content: bytes, *steps: list[Any], **story: Any) -> Outcome:
        """The outcome of one story."""
        return self.judge(content, scenarios=[{"steps": list(steps), **story}])

    def judge(self, content: bytes, *, limit: float = 10, **entry: Any) -> Outcome:
        """The outcome of one entry."""
        entries = read_scenarios(self.write(content, **entry))
        return run_entries(entries, self.setting, limit=limit)[0]
