"""Tests of the overview pages."""
