"""Check-ins, activities, notes and commitments."""
