"""Who may call: keys, and what each caller is allowed."""

from jiefen_web.api.callers.caller import Caller
from jiefen_web.api.callers.file import Callers

__all__ = ["Caller", "Callers"]
