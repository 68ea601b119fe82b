"""The same process in viewflow: `host_viewflow.py URL setup|run [LIVES]`.

Runs in an environment of its own and knows nothing of PerfFlow. Its tables and its API: a flow of
three views; assign, start, execute, under the lock that its manual advises.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from client import ANSWERS, lives  # type: ignore[import-not-found]  # run as a script, beside it


def configure(url: str) -> None:
    """Django with nothing but what viewflow needs."""
    import django
    from django.conf import settings

    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username or "",
                "PASSWORD": parts.password or "",
                "HOST": query.get("host") or parts.hostname or "",
                "PORT": query.get("port") or parts.port or "",
                "OPTIONS": {"options": query.get("options", "")},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "viewflow",
            "viewflow.workflow",
        ],
        USE_TZ=True,
        SECRET_KEY="a benchmark has no secrets",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def flow_of_three() -> Any:
    """Start, three views of one person, end."""
    from viewflow import this
    from viewflow.workflow import flow, lock
    from viewflow.workflow.models import Process

    def page(request: Any, **_: Any) -> None:
        """Nobody opens it."""

    # Flows belong to an application: the module that defines one must be inside of it.
    module: Any = ModuleType("viewflow.workflow.bench")
    sys.modules[module.__name__] = module
    module.Three = type(
        "Three",
        (flow.Flow,),
        {
            "__module__": module.__name__,
            "process_class": Process,
            "lock_impl": lock.select_for_update_lock,
            "start": flow.StartHandle().Next(this.write),
            "write": flow.View(page).Next(this.read),
            "read": flow.View(page).Next(this.sign),
            "sign": flow.View(page).Next(this.end),
            "end": flow.End(),
        },
    )
    return module.Three


def main(url: str, what: str, wanted: int) -> None:
    """Make the tables, or live."""
    configure(url)
    if what == "setup":
        from django.contrib.auth.models import User
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        User.objects.create_user("E3")
        return
    from django.contrib.auth.models import User
    from django.db import transaction
    from viewflow.workflow.models import Task

    person = User.objects.get(username="E3")
    three = flow_of_three()

    class Request:
        user = person

    def live() -> None:
        with transaction.atomic():
            process = three.start.run()
        for _ in range(3):
            with transaction.atomic():
                task = Task.objects.get(process=process, status="NEW")
                with task.activation() as activation:
                    activation.assign(person)
            with transaction.atomic():
                task = Task.objects.get(pk=task.pk)
                with task.activation() as activation:
                    activation.start(Request())
                    activation.task.data = ANSWERS
                    activation.execute()

    lives(live, wanted)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
