"""PerfFlow: performance management for wealth-management firms on a workflow engine."""

__version__ = "0.1.0"
