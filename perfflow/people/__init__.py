"""Employees, units, posts, effective-dated assignments, reporting lines, roles, absence."""
