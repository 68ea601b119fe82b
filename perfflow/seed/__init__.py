"""The synthetic firm with planted truth."""
