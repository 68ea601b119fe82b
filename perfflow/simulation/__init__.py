"""Whole cycles on a virtual clock, played by people who answer."""
