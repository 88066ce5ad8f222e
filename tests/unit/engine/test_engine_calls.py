"""The calls of the engine: commands on a runtime that look and read like methods."""

import inspect
import pydoc
from pathlib import Path

import pytest

import jiefen.engine
from jiefen import Engine

CALLS = sorted(name for name, value in vars(Engine).items() if not name.startswith("_") and callable(value))


@pytest.mark.parametrize("name", CALLS)
def test_a_call_shows_its_own_signature_and_documentation(name: str) -> None:
    call = getattr(Engine, name)
    parameters = list(inspect.signature(call).parameters)

    assert parameters[0] == "self"
    assert "runtime" not in parameters
    assert inspect.getdoc(call)
    assert call.__annotations__["return"]
    assert f"{name}(self" in pydoc.plain(pydoc.render_doc(call))


def test_what_help_says_of_a_call_is_what_its_command_says() -> None:
    page = pydoc.plain(pydoc.render_doc(Engine.extend))
    assert "extend(self, case_id: 'int', deadline: 'str | int'" in page
    assert "Raises:" in page
    assert "extend(self, case_id" in pydoc.plain(pydoc.render_doc(Engine))


def test_the_engine_is_put_together_and_inherits_nothing() -> None:
    assert Engine.__mro__ == (Engine, object)
    lines = Path(jiefen.engine.__file__).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300
