"""Bonus, pools, deferral, ledger and statements."""
