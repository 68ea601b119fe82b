"""Reads behind the overview pages, each in a number of statements that does not grow."""
