"""``python -m perfflow``: the command line."""

import sys

from perfflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
