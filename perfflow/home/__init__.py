"""Pages over all rooms: today, the team board, the cycle monitor, the audit trail."""
