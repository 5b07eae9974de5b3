"""Reads the arguments of a tool; agents write them, so they are taken in any clear form."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mirage import mistakes
from mirage.api.wire.base import storable
from mirage.errors import InvalidInput

MAX_TOKENS = 8000
"""Longest answer; clients cut longer ones, or write them to a file."""
MIN_TOKENS = 200

Model = TypeVar("Model", bound="Arguments")


class WrongArguments(InvalidInput):
    """Correct the arguments as the detail says; the description of the tool lists all of them."""

    code = "wrong-arguments"


class Arguments(BaseModel):
    """The arguments of a tool."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    project: Annotated[str, Field(max_length=400), AfterValidator(storable)] = ""
    """Project; needed if there are several."""


Reference = Annotated[str, Field(max_length=5000), AfterValidator(storable)]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


References = Annotated[list[Reference], Field(max_length=100), BeforeValidator(_as_list)]


def read_arguments(kind: type[Model], given: Mapping[str, Any] | None) -> Model:
    """Return the arguments. Raises WrongArguments with a sentence for each mistake."""
    present = {name: value for name, value in (given or {}).items() if value not in (None, "")}
    try:
        return kind.model_validate(present)
    except ValidationError as error:
        raise WrongArguments(
            "; ".join(_sentence(kind, mistake) for mistake in error.errors())
        ) from None


def describe_arguments(kind: type[Arguments], *, with_project: bool) -> dict[str, Any]:
    """Return the JSON schema, without what only costs an agent tokens."""
    schema = kind.model_json_schema()
    properties = {
        name: {key: value for key, value in facts.items() if key not in _LEFT_OUT}
        for name, facts in schema["properties"].items()
        if with_project or name != "project"
    }
    for facts in properties.values():
        if facts.get("default") in ("", []):
            del facts["default"]
        if "items" in facts:
            facts["items"] = {"type": facts["items"]["type"]}
    # `project` is the field of the base class, and so the first one.
    if "project" in properties:
        properties["project"] = properties.pop("project")
    return {
        "type": "object",
        "properties": properties,
        **({"required": schema["required"]} if "required" in schema else {}),
        "additionalProperties": False,
    }


_LEFT_OUT = {"title", "maxLength", "minLength", "maxItems"}


def _sentence(kind: type[Arguments], mistake: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in mistake["loc"])[:100]
    if mistake["type"] == "extra_forbidden":
        return f"there is no argument {place!r}, only {', '.join(kind.model_fields)}"
    return f"{place}: {mistakes.sentence(mistake)}"
