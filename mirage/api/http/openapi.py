"""What FastAPI does not know about the routes, added to the description that it makes of them.

A route names the errors of its own with `raises`. Those that come with a key, a project in the
path, or something to validate are added here, and so are the examples.
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

_DETAIL = "What is wrong with this request, in a sentence."
_METHODS = ("get", "put", "post", "patch", "delete")
_SCHEMA = "#/components/schemas/"


Responses = dict[int | str, dict[str, Any]]
"""As a route's `responses` takes them."""


def raises(*errors: type[MirageError]) -> Responses:
    """The answers of a route that say the errors of its own."""
    by_status: dict[int, list[type[MirageError]]] = defaultdict(list)
    for error in dict.fromkeys(errors):
        by_status[error.status].append(error)
    return {status: _response(by_status[status]) for status in sorted(by_status)}


def install(app: FastAPI) -> None:
    """Have the application describe itself in full."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(FastAPI.openapi(app))
        return app.openapi_schema

    # How FastAPI's documentation extends it.
    app.openapi = describe  # type: ignore[method-assign]


def methods_at(app: FastAPI, path: str) -> list[str]:
    """The methods that an address has; none when nothing is there."""
    methods = [method.upper() for method in _operations_at(app, path)]
    return sorted([*methods, "HEAD"] if "GET" in methods else methods)


def find_operation(app: FastAPI, method: str, path: str) -> dict[str, Any] | None:
    """What is described of a request to an address; None when there is no such route."""
    return _operations_at(app, path).get(method.lower())


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method in capitals, path, and operation of every route."""
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def common_errors(operation: dict[str, Any], path: str) -> Iterable[type[MirageError]]:
    """Those that come with the key, the path and the body, and no route names."""
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
    # FastAPI's own shape of a mistake, which no answer has.
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = Problem.model_json_schema()
    for name, example in EXAMPLES.items():
        if name in schemas:
            schemas[name]["examples"] = [example]
    for _, path, operation in operations(description):
        _add_problems(operation, path)
        if path.startswith("/health") and "security" in operation:
            operation["security"].insert(0, {})  # A key only makes it say more.
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
