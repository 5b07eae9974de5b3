"""Renders every route, from the API's OpenAPI document."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from mirage.api import create_app
from mirage.api.http.openapi import common_errors, operations
from mirage.settings import load_settings
from reference.table import table, takes

Operation = tuple[str, str, dict[str, Any]]


def render() -> str:
    """Return the routes by subject, then the objects of requests and answers."""
    routes_as_made = list(operations(description()))
    subjects = list(dict.fromkeys(map(_subject, routes_as_made)))
    ordered = sorted(routes_as_made, key=lambda route: subjects.index(_subject(route)))
    parts = []
    for subject, routes in groupby(ordered, key=_subject):
        parts.append(f"## {subject.capitalize()}\n")
        parts += ["\n".join(_route(*route)) for route in routes]
    parts.append("## Objects\n\nAll fields are present, unless their description says otherwise.\n")
    parts += ["\n".join(_object(*item)) for item in sorted(_schemas().items())]
    return "\n".join(parts)


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document, without connecting to anything."""
    with TemporaryDirectory() as folder:
        settings = load_settings(
            api={"key": SecretStr("reference")}, documents={"path": Path(folder)}
        )
        return create_app(settings).openapi()


def _schemas() -> dict[str, dict[str, Any]]:
    schemas: dict[str, dict[str, Any]] = description()["components"]["schemas"]
    return schemas


@cache
def _repeated() -> set[str]:
    """Return the objects that several routes return; their example is shown once, at the object."""
    names = [
        _name(media)
        for _, _, operation in operations(description())
        for answer in operation["responses"].values()
        for kind, media in answer.get("content", {}).items()
        if kind == "application/json"
    ]
    return {name for name in names if names.count(name) > 1}


def _name(media: dict[str, Any]) -> str:
    name: str = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return name


def _subject(route: Operation) -> str:
    subjects: list[str] = route[2]["tags"]
    return subjects[0]


def _route(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method} {path}` · {_access(operation)}\n"
    yield operation["description"] + "\n"
    if parameters := operation.get("parameters"):
        yield table(
            ("Parameter", "In", "Takes", "Meaning"),
            (
                (f"`{p['name']}`", p["in"], _argument(p["schema"]), p.get("description", ""))
                for p in parameters
            ),
        )
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        fields = ", ".join(f"`{field}`" for field in media["schema"].get("properties", ()))
        yield from _body(f"Body, `{kind}`" + (f" with the field {fields}" if fields else ""), media)
    errors = []
    for status, answer in operation["responses"].items():
        codes = list(_codes(answer))
        if codes:
            common = {error.code for error in common_errors(operation, path)}
            errors += [f"`{code}` ({status})" for code in codes if code not in common]
            continue
        bodies = answer.get("content") or {"": {}}
        for kind, media in bodies.items():
            yield from _body(f"Answers `{status}`" + (f", `{kind}`" if kind else ""), media)
    if errors:
        yield f"Other errors: {', '.join(errors)}.\n"


def _access(operation: dict[str, Any]) -> str:
    ways = operation.get("security", [])
    if not ways:
        return "no key"
    if {} in ways:
        return "no key; more details with the key of the settings"
    scopes = {scope for way in ways for names in way.values() for scope in names}
    return f"scope `{', '.join(sorted(scopes)) or 'read'}`"


def _body(title: str, media: dict[str, Any]) -> Iterator[str]:
    name = _name(media)
    shown = f"{title}, [{name}](#{name.lower()})" if name else title
    example = media.get("example")
    if example is None or name in _repeated():
        yield f"{shown}.\n"
    elif isinstance(example, str):
        yield f"{shown}:\n\n```text\n{example.rstrip()}\n```\n"
    else:
        yield f"{shown}:\n\n{_json(example)}"


def _json(example: Any) -> str:
    return f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```\n"


def _codes(answer: dict[str, Any]) -> Iterator[str]:
    yield from answer.get("content", {}).get("application/problem+json", {}).get("examples", {})


def _argument(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return takes(schema) + (f"; default `{json.dumps(default)}`" if default is not None else "")


def _object(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    yield " ".join(schema.get("description", "").split()) + "\n"
    if "properties" not in schema:
        yield f"{takes(schema)}\n"
        return
    yield table(
        ("Field", "Takes", "Meaning"),
        (
            (f"`{field}`", _argument(node), node.get("description", ""))
            for field, node in schema["properties"].items()
        ),
    )
    if name in _repeated():
        yield _json(schema["examples"][0])
