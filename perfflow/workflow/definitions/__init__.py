"""Reading process definitions: gate, normalise, lint, parse."""
