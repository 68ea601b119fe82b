"""Tests of PerfFlow: sentences about behaviour, grouped as the product is."""
