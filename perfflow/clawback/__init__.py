"""Clawback cases: who owes performance pay back, how much, and what of it has come in."""
