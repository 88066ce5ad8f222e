"""The OpenAPI document: what FastAPI makes of the routes, and the problems that every one of them may answer."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI

from jiefen_web.api.problems import Problem

_SCHEMAS: Final = "#/components/schemas/"
_NULL: Final = {"type": "null"}


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Makes the document of an application, once."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = made()
            schemas = told.setdefault("components", {}).setdefault("schemas", {})
            problem = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["Problem"] = problem
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in told["paths"].values():
                for operation in path.values():
                    for parameter in operation.get("parameters", ()):
                        _without_null(parameter["schema"])
            _simplify(told, schemas)
        assert app.openapi_schema is not None
        return app.openapi_schema

    return document


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter is there or not; none is null."""
    others = [one for one in schema.get("anyOf", ()) if one != _NULL]
    if len(others) == 1:
        del schema["anyOf"]
        schema.update(others[0])


def _simplify(value: object, schemas: dict[str, Any]) -> None:
    """Write "this or null" as a list of types, which makers of clients understand, and how large numbers are."""
    if isinstance(value, dict):
        options = value.get("anyOf")
        if isinstance(options, list) and len(options) == len(("it", "null")) and options[1] == _NULL:
            named = options[0].get("$ref")
            it = deepcopy(schemas[named.removeprefix(_SCHEMAS)]) if named is not None else options[0]
            if isinstance(it.get("type"), str):
                del value["anyOf"]
                value.update(it | {"type": [it["type"], "null"]})
        if "integer" in (value.get("type") or ()) and isinstance(value.get("type"), str | list):
            value.setdefault("format", "int64")
        for one in list(value.values()):
            _simplify(one, schemas)
    elif isinstance(value, list):
        for one in value:
            _simplify(one, schemas)
