"""Self and manager assessment, scoring, and the append-only chain of results."""
