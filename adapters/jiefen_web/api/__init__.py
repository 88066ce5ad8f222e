"""The engine over HTTP: ``create(engine, callers=…)`` gives an application to serve, or to mount under a prefix."""

from jiefen import MissingExtra

try:
    from jiefen_web.api.app import create
    from jiefen_web.api.callers import Callers
    from jiefen_web.api.serving import Serving
except ModuleNotFoundError as error:
    raise MissingExtra.of("the HTTP interface", error, "web") from error

__all__ = ["Callers", "Serving", "create"]
