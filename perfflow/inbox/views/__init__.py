"""Pages of the inbox: the list, the task, the record of a completed form, exports."""

from perfflow.inbox.views import listing, records, tasks
from perfflow.inbox.views.routes import blueprint

__all__ = ["blueprint", "listing", "records", "tasks"]
