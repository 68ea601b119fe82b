"""Benchmarks that print ratios of one run; nothing here passes or fails by the clock."""
