"""Pages about what runs: one instance, and the instances of a definition between versions."""
