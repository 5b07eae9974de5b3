"""The API's description of itself is whole, and its examples are what it says."""

import re
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, SecretStr

from mirage.api import create_app, wire
from mirage.api.http.examples import EXAMPLES
from mirage.api.http.openapi import PROBLEM_MEDIA_TYPE, operations
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document; no database is asked for it."""
    settings = load_settings(
        api={"key": SecretStr("key")}, documents={"path": tmp_path_factory.mktemp("documents")}
    )
    return create_app(settings, embedder=FakeEmbedder()).openapi()


def _media(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Where and what of every body of an operation, requests as well as responses."""
    bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
    return {
        f"{where} {kind}": media
        for where, body in bodies.items()
        for kind, media in body.get("content", {}).items()
    }


def test_every_route_is_explained(description: dict[str, Any]) -> None:
    silent = [
        (method, path)
        for method, path, operation in operations(description)
        if not operation.get("summary") or not operation.get("description")
    ]
    assert silent == []


def test_every_json_body_has_an_example(description: dict[str, Any]) -> None:
    without = [
        (method, path, where)
        for method, path, operation in operations(description)
        for where, media in _media(operation).items()
        if where.endswith("json") and "example" not in media and "examples" not in media
    ]
    assert without == []


def test_every_example_is_valid(description: dict[str, Any]) -> None:
    # `$ref` leads into the document's components; its other keys mean nothing to a validator.
    def validate(value: Any, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": description["components"]}
        jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        ).validate(value)

    checked = 0
    for _, _, operation in operations(description):
        for where, media in _media(operation).items():
            named = [item["value"] for item in media.get("examples", {}).values()]
            for value in [*named, *([media["example"]] if "example" in media else [])]:
                if where.endswith("json"):
                    validate(value, media["schema"])
                    checked += 1
    assert checked > len(EXAMPLES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example_names_every_field_of_its_model(name: str) -> None:
    model: type[BaseModel] = getattr(wire, name)
    example = EXAMPLES[name]
    model.model_validate(example)
    if issubclass(model, wire.Response) and name != "Health":
        assert set(example) == set(model.model_fields)


def test_every_error_is_a_problem(description: dict[str, Any]) -> None:
    other = [
        (method, path, status)
        for method, path, operation in operations(description)
        for status, answer in operation["responses"].items()
        if int(status) >= 400 and set(answer["content"]) != {PROBLEM_MEDIA_TYPE}
    ]
    # Monitors look at these, and want components instead.
    assert other == [("GET", "/health", "503"), ("GET", "/health/ready", "503")]


def test_key_goes_either_way_and_its_scope_is_named(description: dict[str, Any]) -> None:
    schemes = description["components"]["securitySchemes"]
    assert schemes["X-API-Key"]["in"] == "header"
    assert schemes["Bearer"]["scheme"] == "bearer"
    paths = description["paths"]
    assert paths["/api/v1/keys"]["post"]["security"] == [
        {"X-API-Key": ["admin"]},
        {"Bearer": ["admin"]},
    ]
    assert paths["/api/v1/projects"]["get"]["security"] == [{"X-API-Key": []}, {"Bearer": []}]
    assert paths["/health"]["get"]["security"] == [{}, {"X-API-Key": []}, {"Bearer": []}]


def test_reference_in_the_description_leads_somewhere(description: dict[str, Any]) -> None:
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(description)))
    assert references - set(description["components"]["schemas"]) == set()
