"""Objections to a result and their decision."""
