"""The forms of the goal processes: what they start with, and what is stored."""

from perfflow.goals.bindings import objectives, sheets

__all__ = ["objectives", "sheets"]
