"""What tests stand on: databases, browsers and probes of their own."""
