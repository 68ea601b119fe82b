"""Feedback interviews, development actions and the confirmation of results."""
