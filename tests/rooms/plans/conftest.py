"""The named firm for the tests of plans."""

from tests.support.firm_fixtures import firm, play, start

__all__ = ["firm", "play", "start"]
