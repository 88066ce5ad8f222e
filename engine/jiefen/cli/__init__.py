"""The command line ``jiefen``: what a clerk, a designer and a scheduler can do without writing Python."""

from __future__ import annotations

import sys

from jiefen.errors import MissingExtra


def main() -> None:
    """Run the command line; always ends by ``SystemExit``."""
    try:
        import rich  # noqa: F401  (tables and help need it, and it comes with the same extra)

        from jiefen.cli.root import app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("jiefen"):
            raise
        sys.exit(f"jiefen: {MissingExtra.of('the command line', error, 'cli')}")
    app(prog_name="jiefen")
