"""Pydantic's JSON schema becomes one that says one thing per mistake."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from schema.normalise import normalise, published
from schema.rules import quoted, text


class Inner(BaseModel):
    """A table."""

    kind: Literal["a", "b"] | None = None


class Outer(BaseModel):
    """The root."""

    number: Annotated[int, Field(ge=1, le=9)] | None = None
    quantity: str | float = 0
    only: Literal["one"] = "one"
    inner: Inner | None = None
    listed: list[Inner] = []
    title: str = ""
    free: dict[str, str] | None = None


@pytest.fixture
def properties() -> dict[str, Any]:
    """The root's properties."""
    found: dict[str, Any] = normalise(Outer.model_json_schema())["properties"]
    return found


def test_dialect_is_draft_07() -> None:
    assert normalise({})["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_optional_number_keeps_its_range(properties: dict[str, Any]) -> None:
    assert properties["number"] == {"type": ["integer", "null"], "minimum": 1, "maximum": 9}


def test_choice_of_plain_types_is_a_list_of_types(properties: dict[str, Any]) -> None:
    assert properties["quantity"] == {"type": ["string", "number"]}


def test_constant_is_an_enumeration_of_one(properties: dict[str, Any]) -> None:
    assert properties["only"] == {"type": "string", "enum": ["one"]}


def test_property_named_like_a_keyword_is_kept(properties: dict[str, Any]) -> None:
    assert properties["title"] == {"type": "string"}


def test_optional_map_is_nullable(properties: dict[str, Any]) -> None:
    assert properties["free"] == {
        "type": ["object", "null"],
        "additionalProperties": {"type": "string"},
    }


def test_optional_table_is_a_nullable_definition(properties: dict[str, Any]) -> None:
    assert properties["inner"] == {"$ref": "#/definitions/Inner"}
    definition = normalise(Outer.model_json_schema())["definitions"]["Inner"]
    assert definition["type"] == ["object", "null"]
    assert definition["properties"]["kind"] == {
        "type": ["string", "null"],
        "enum": ["a", "b", None],
    }


def test_choice_that_one_schema_cannot_say_is_refused() -> None:
    class Ambiguous(BaseModel):
        either: Annotated[int, Field(ge=1)] | Annotated[float, Field(ge=2)]

    with pytest.raises(ValueError, match="no single schema"):
        normalise(Ambiguous.model_json_schema())


def test_pattern_is_replaced_by_its_rule() -> None:
    class Texts(BaseModel):
        name: Annotated[str, text("name")] = "a"
        labels: dict[Annotated[str, text("label key")], Annotated[str, quoted("label")]] = {}

    rules = normalise(Texts.model_json_schema())
    assert rules["properties"]["name"] == {"type": "string", "x-rule": "name"}
    labels = published(rules)["properties"]["labels"]
    assert labels == {
        "type": "object",
        "additionalProperties": {"type": ["string", "integer", "number", "boolean"]},
    }


def test_pattern_without_a_rule_is_refused() -> None:
    class Texts(BaseModel):
        name: Annotated[str, Field(pattern="^a$")] = "a"

    with pytest.raises(ValueError, match=r"the pattern \^a\$ is not of a rule"):
        normalise(Texts.model_json_schema())
