"""The command line: finds the command, words its errors in both languages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from perfflow.i18n import word
from perfflow.kernel.errors import PerfFlowError

COMMANDS = {
    "demo": ("perfflow.commands.demo", "a seeded firm, served on this machine"),
    "serve": ("perfflow.commands.serve", "serve the pages"),
    "worker": ("perfflow.commands.worker", "fire due timers and send what is in the outbox"),
    "db": ("perfflow.commands.db", "upgrade | downgrade | current: the database schema"),
    "lint": ("perfflow.commands.lint", "say what the deploy gate says about files"),
    "deploy": ("perfflow.commands.deploy", "check and publish processes, forms and catalogue"),
    "scenarios": ("perfflow.commands.scenarios", "play the scenarios of process definitions"),
    "plan-lint": ("perfflow.commands.plan_lint", "check cards, plans and policies of a catalogue"),
    "seed": ("perfflow.seed.cli", "fill a database with a synthetic firm"),
    "simulate": ("perfflow.simulation.cli", "play a whole cycle on a virtual clock"),
    "calc": ("perfflow.calc", "evaluate {fn, in, out} lines with the code of production"),
    "feel": ("perfflow.feel.cli", "evaluate a FEEL expression"),
    "check": ("perfflow.checks", "recompute and verify what is stored"),
}
USAGE = 2


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["perfflow COMMAND [OPTIONS]; COMMAND --help tells more", "", *lines])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; an expected failure is one sentence a language on stderr and exit 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return 0 if arguments else USAGE
    if arguments[0] not in COMMANDS:
        print(f"perfflow: no command {arguments[0]!r} / 没有这个命令\n\n{_help()}", file=sys.stderr)
        return USAGE
    module = import_module(COMMANDS[arguments[0]][0])
    try:
        code: int = module.main(arguments[1:])
    except PerfFlowError as error:
        print(f"perfflow: {word(error, 'en')}\nperfflow: {word(error, 'zh')}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
