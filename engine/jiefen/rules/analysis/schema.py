"""JSON Schemas (draft 2020-12) of the rule files, so that an editor completes and checks what is typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from jiefen.notation.shapes import Schema
from jiefen.rules.analysis.testfile import TESTS
from jiefen.rules.build.rulebook import Rulebook
from jiefen.rules.format.file import rule_file
from jiefen.rules.format.words import CITATION, LABEL
from jiefen.rules.model.deadlines import Relative

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(rulebook: Rulebook | None = None) -> dict[str, Schema]:
    """The schemas by the name of their file in ``rules/schema/``.

    Args:
        rulebook: its facts, milestones, roles and grounds are listed wherever one of them may be named, so that the
            editor offers them; without it any well-formed name is accepted.
    """
    names: Mapping[str, list[str]] = {}
    if rulebook is not None:
        names = {
            "facts": sorted(rulebook.vocabulary.facts),
            "milestones": sorted(rulebook.milestones),
            "roles": sorted(rulebook.roles),
            "addressees": [*Relative, *sorted(rulebook.roles)],
            "grounds": sorted(rulebook.grounds),
        }
    return {
        "rules.json": _whole("Jiefen rule file 规则文件", _naming(rule_file().schema(), names)),
        "tests.json": _whole("Jiefen rule tests 规则测试用例", _naming(TESTS.schema(), names)),
    }


def _naming(schema: Any, names: Mapping[str, list[str]]) -> Any:
    """``schema`` with the names of a vocabulary in place of the form that they have."""
    if isinstance(schema, list):
        return [_naming(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    known = names.get(schema.get("$comment", ""))
    if known is None:
        return {key: _naming(value, names) for key, value in schema.items() if key != "$comment"}
    kept = {key: value for key, value in schema.items() if key == "description"}
    return {"enum": known, **kept}


def _whole(title: str, schema: Schema) -> Schema:
    shared = {"citation": CITATION.schema(), "label": LABEL.schema()}
    body = _referring(schema, {_key(part): name for name, part in shared.items()})
    label = {_key(shared["label"]): "label"}
    definitions = {"citation": _referring(shared["citation"], label), "label": shared["label"]}
    return {"$schema": _DRAFT, "title": title, **body, "$defs": definitions}


def _key(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True)


def _referring(schema: Any, shared: Mapping[str, str]) -> Any:
    """``schema`` with each part that is shared replaced by a reference; its description stays."""
    if isinstance(schema, list):
        return [_referring(item, shared) for item in schema]
    if not isinstance(schema, dict):
        return schema
    bare = {key: value for key, value in schema.items() if key != "description"}
    name = shared.get(_key(bare))
    if name is not None:
        about = {"description": schema["description"]} if "description" in schema else {}
        return {"$ref": f"#/$defs/{name}", **about}
    return {key: _referring(value, shared) for key, value in schema.items()}


def written(schema: Schema) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
