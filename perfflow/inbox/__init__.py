"""The task inbox and the task page."""
