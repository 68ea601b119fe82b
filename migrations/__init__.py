"""Schema versions: numbered steps in both directions, and how the first were written."""
