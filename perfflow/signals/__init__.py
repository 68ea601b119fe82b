"""Statistics behind deviation signals."""
