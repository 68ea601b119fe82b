"""A browser for tests."""
