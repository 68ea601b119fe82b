"""Today, my performance, team board and cycle monitor: pages over all rooms."""
