"""The workflow engine: BPMN processes with user tasks, timers, messages and service tasks."""

from perfflow.workflow.ports import Directory, directory, plug_directory
from perfflow.workflow.registry import ProcessError, service_task, ServiceContext, ServiceTask

__all__ = [
    "Directory",
    "ProcessError",
    "ServiceContext",
    "ServiceTask",
    "directory",
    "plug_directory",
    "service_task",
]
