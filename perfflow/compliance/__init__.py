"""Gate cases: severity, veto, freeze and points."""
