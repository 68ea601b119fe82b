"""Talent review: performance over years, potential, the nine boxes and the lists they give."""
