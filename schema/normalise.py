"""Turns pydantic's JSON schema into one that reports one precise line per error.

pydantic writes draft 2020-12 and an `anyOf` for each optional key; a validator reports every
branch of it. Here, a choice of plain types becomes a list of types, a nullable section a nullable
definition, and the dialect draft-07, which Helm 3 and Helm 4 read. Patterns of texts stay as names
of rules (rules.py), which `published` removes.
"""

from collections.abc import Mapping
from typing import Any

from schema.rules import QUOTED, RULE

_DIALECT = "http://json-schema.org/draft-07/schema#"
_NOISE = ("title", "default", "format", "examples", "pattern")
_SCALARS = ["string", "integer", "number", "boolean"]
Schema = dict[str, Any]


def normalise(schema: Mapping[str, Any]) -> Schema:
    """Return the same schema in draft-07, self-contained, without `anyOf` branches.

    Raises ValueError for what one schema cannot say, and for a pattern that is not of a rule.
    """
    root = {key: value for key, value in schema.items() if key != "$defs"}
    definitions = {name: _walk(node) for name, node in schema.get("$defs", {}).items()}
    normal = {"$schema": _DIALECT, **_walk(root), "definitions": definitions}
    for name in sorted(_nullable(normal)):
        definitions[name] = _allow_null(definitions[name])
    unmarked: Schema = _without(normal, {"x-nullable"})
    return unmarked


def published(schema: Mapping[str, Any]) -> Schema:
    """Return a normal schema without rules; a text that people forget to quote may be any scalar.

    The chart checks both in a template, whose sentences are readable.
    """
    node: Schema = _publish(schema)
    return node


def _publish(node: Any) -> Any:
    if isinstance(node, list):
        return [_publish(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _publish(value) for key, value in node.items() if key not in (RULE, QUOTED)}
    if node.get(QUOTED) is True:
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        plain["type"] = [*_SCALARS, *(kind for kind in kinds if kind not in _SCALARS)]
    if plain.get("propertyNames") == {}:
        del plain["propertyNames"]
    return plain


def _walk(node: Any) -> Any:
    """Normalise a subschema; the keys of `properties` and similar are names, not keywords."""
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "pattern" in node and RULE not in node:
        raise ValueError(f"the pattern {node['pattern']} is not of a rule in schema/rules.py")
    walked: Schema = {}
    for key, value in node.items():
        if key == "properties":
            walked[key] = {name: _walk(child) for name, child in value.items()}
        elif key == "patternProperties":
            (walked["additionalProperties"],) = map(_walk, value.values())
        elif key == "$ref":
            walked[key] = value.replace("#/$defs/", "#/definitions/")
        elif key == "const":
            walked["enum"] = [value]
        elif key not in _NOISE:
            walked[key] = _walk(value)
    return _merge_choice(walked)


def _merge_choice(node: Schema) -> Schema:
    branches = node.pop("anyOf", None)
    if branches is None:
        return node
    rest = [branch for branch in branches if branch != {"type": "null"}]
    nullable = len(rest) < len(branches)
    if len(rest) == 1 and "$ref" in rest[0]:
        return {**node, **rest[0], **({"x-nullable": True} if nullable else {})}
    merged: Schema = {"type": []}
    for branch in rest:
        if "type" not in branch or (set(branch) & set(merged)) - {"type"}:
            raise ValueError(f"no single schema says the same as {branches}")
        kinds = branch["type"] if isinstance(branch["type"], list) else [branch["type"]]
        merged = {**merged, **branch, "type": [*merged["type"], *kinds]}
    if len(merged["type"]) == 1:
        merged["type"] = merged["type"][0]
    return {**node, **(_allow_null(merged) if nullable else merged)}


def _allow_null(node: Schema) -> Schema:
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    allowed = {**node, "type": [*kinds, "null"]}
    if "enum" in node:
        allowed["enum"] = [*node["enum"], None]
    return allowed


def _nullable(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in _nullable(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].rpartition("/")[2]} if node.get("x-nullable") is True else set()
    return own | _nullable(list(node.values()))


def _without(node: Any, keywords: set[str]) -> Any:
    if isinstance(node, list):
        return [_without(item, keywords) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without(value, keywords) for key, value in node.items() if key not in keywords}
