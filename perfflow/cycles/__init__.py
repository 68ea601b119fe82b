"""Review cycles, packs, participants and deadlines."""
