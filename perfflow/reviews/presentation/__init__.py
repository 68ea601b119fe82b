"""What people see of a result: the table, the tree, what would change it, the chain."""

from perfflow.reviews.presentation.page import performance_page, PerformancePage

__all__ = ["PerformancePage", "performance_page"]
