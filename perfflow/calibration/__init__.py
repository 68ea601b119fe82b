"""Calibration sessions, adjustments and their statistics."""
