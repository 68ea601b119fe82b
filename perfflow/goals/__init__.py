"""Strategy tree, cascade, goal sheets and their negotiation."""
