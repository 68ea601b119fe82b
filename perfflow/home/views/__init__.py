"""The routes of the overview pages, one module a page."""

from perfflow.home.views import handovers, monitor, team, today, trail, work
from perfflow.home.views.routes import blueprint

__all__ = ["blueprint", "handovers", "monitor", "team", "today", "trail", "work"]
