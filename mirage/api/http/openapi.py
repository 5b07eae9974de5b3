"""Completes the API description that FastAPI generates.

A route declares its own errors with `raises`. Errors that any route with a key, a project in the
path or input to validate can raise are added here, together with the examples.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI

from mirage.api.http.errors import BodyTooLarge, BodyTooSlow
from mirage.api.http.examples import EXAMPLES
from mirage.api.wire import Problem
from mirage.db.engine import TransactionConflict
from mirage.errors import (
    DatabaseUnavailable,
    Forbidden,
    InvalidRequest,
    MirageError,
    ProjectNotFound,
    ShuttingDown,
    Unauthorized,
    UnknownField,
)

PROBLEM_MEDIA_TYPE = "application/problem+json"

_DETAIL = "One sentence on what is wrong with this request."
_METHODS = ("get", "put", "post", "patch", "delete")
_SCHEMA = "#/components/schemas/"


Responses = dict[int | str, dict[str, Any]]
"""Type of a route's `responses`."""


def raises(*errors: type[MirageError]) -> Responses:
    """Return the `responses` of a route for the errors that it raises itself."""
    by_status: dict[int, list[type[MirageError]]] = defaultdict(list)
    for error in dict.fromkeys(errors):
        by_status[error.status].append(error)
    return {status: _response(by_status[status]) for status in sorted(by_status)}


def install(app: FastAPI) -> None:
    """Let the application return the complete description."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(FastAPI.openapi(app))
        return app.openapi_schema

    # FastAPI's documentation recommends this way.
    app.openapi = describe  # type: ignore[method-assign]


def methods_at(app: FastAPI, path: str) -> list[str]:
    """Return the methods of a path; empty if there is no route."""
    methods = [method.upper() for method in _operations_at(app, path)]
    return sorted([*methods, "HEAD"] if "GET" in methods else methods)


def find_operation(app: FastAPI, method: str, path: str) -> dict[str, Any] | None:
    """Return the description of a request to a path, or None if there is no route."""
    return _operations_at(app, path).get(method.lower())


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method (upper case), path and operation of every route."""
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def common_errors(operation: dict[str, Any], path: str) -> Iterable[type[MirageError]]:
    """Yield the errors that follow from key, path and body, which routes do not declare."""
    if not path.startswith("/api/"):
        return
    yield Unauthorized
    yield DatabaseUnavailable
    if any(scopes for way in operation["security"] for scopes in way.values()):
        yield Forbidden
        yield TransactionConflict
    if "{project}" in path:
        yield ProjectNotFound
    if operation.get("parameters") or "requestBody" in operation:
        yield InvalidRequest
    if "requestBody" in operation:
        yield BodyTooSlow
        yield ShuttingDown
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        yield UnknownField
        yield BodyTooLarge


def _operations_at(app: FastAPI, path: str) -> dict[str, Any]:
    for template, item in app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            found: dict[str, Any] = item
            return found
    return {}


def _complete(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description["components"]["schemas"]
    # FastAPI's own error format, which no answer uses.
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = Problem.model_json_schema()
    for name, example in EXAMPLES.items():
        if name in schemas:
            schemas[name]["examples"] = [example]
    for _, path, operation in operations(description):
        _add_problems(operation, path)
        if path.startswith("/health") and "security" in operation:
            operation["security"].insert(0, {})  # The key is optional; it adds details.
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for body in bodies for media in body.get("content", {}).values()):
            name = media.get("schema", {}).get("$ref", "").removeprefix(_SCHEMA)
            if name in EXAMPLES:
                media["example"] = EXAMPLES[name]
    return description


def _add_problems(operation: dict[str, Any], path: str) -> None:
    answers = operation["responses"]
    if PROBLEM_MEDIA_TYPE not in answers.get("422", {}).get("content", {}):
        answers.pop("422", None)
    for status, common in raises(*common_errors(operation, path)).items():
        response = common
        own = answers.get(str(status), {}).get("content", {}).get(PROBLEM_MEDIA_TYPE)
        if own:
            examples = response["content"][PROBLEM_MEDIA_TYPE]["examples"] | own["examples"]
            response = _described(examples)
        answers[str(status)] = response
    operation["responses"] = dict(sorted(answers.items()))


def _response(errors: Iterable[type[MirageError]]) -> dict[str, Any]:
    return _described(
        {error.code: {"value": Problem.of(error(_DETAIL)).model_dump()} for error in errors}
    )


def _described(examples: dict[str, Any]) -> dict[str, Any]:
    media = {"schema": {"$ref": f"{_SCHEMA}Problem"}, "examples": examples}
    return {
        "description": ", ".join(f"`{code}`" for code in examples),
        "content": {PROBLEM_MEDIA_TYPE: media},
    }
