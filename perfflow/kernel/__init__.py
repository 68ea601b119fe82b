"""Plain Python shared by everything: money, rounding, clock, actors, errors."""
