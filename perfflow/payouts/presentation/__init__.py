"""The bonus statement as its page and its PDF show it."""

from perfflow.payouts.presentation.statement import difference, ratio, Statement, statement, tree_of

__all__ = ["Statement", "difference", "ratio", "statement", "tree_of"]
