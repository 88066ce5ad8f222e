"""``python -m jiefen.cli`` is ``jiefen``."""

from jiefen.cli import main

main()
