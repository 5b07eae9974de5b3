"""No sentence of the library reaches a user."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, Field, ValidationError, create_model, field_validator

from mirage import config
from mirage.api import wire
from mirage.api.wire.base import Response
from mirage.mistakes import sentence


class _Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


_NAIVE = datetime.fromisoformat("2026-03-01T00:00:00")
_WITH_ZONE = "must be a time with its time zone, such as 2026-03-01T09:31:12Z"
_ADDRESS = "must be an address that begins with http:// or https://"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (int, "many", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (float, "x", "must be a number"),
        (bool, "perhaps", "must be true or false"),
        (str, 1, "must be text"),
        (list[str], "a", "must be a list"),
        (dict[str, str], 1, "must be an object"),
        (UUID, "x", "must be an id (UUID)"),
        (AwareDatetime, "soon", _WITH_ZONE),
        (AwareDatetime, _NAIVE, _WITH_ZONE),
        (Annotated[int, Field(le=10_000)], 10_001, "must be at most 10,000"),
        (Annotated[int, Field(gt=0)], 0, "must be more than 0"),
        (Annotated[float, Field(ge=-1)], -2, "must be at least -1.0"),
        (Annotated[str, Field(min_length=1)], "", "must not be empty"),
        (Annotated[str, Field(min_length=3)], "a", "must have at least 3 characters"),
        (Annotated[list[str], Field(max_length=1)], ["a", "b"], "must have at most 1 items"),
        (Annotated[str, Field(pattern=r"^https?://x$")], "x", _ADDRESS),
        (Annotated[str, Field(pattern=r"^\S+$")], "a b", "must not contain spaces"),
        (_Colour, "green", "must be red or blue"),
        (Literal["a", "b", "c"], "d", "must be a, b or c"),
    ],
)  # fmt: skip
def test_mistake_is_said_in_plain_words(kind: Any, value: object, said: str) -> None:
    model = create_model("Model", field=(kind, ...))
    with pytest.raises(ValidationError) as caught:
        model(field=value)
    assert [sentence(mistake) for mistake in caught.value.errors()] == [said]


def test_own_check_speaks_for_itself() -> None:
    class Model(BaseModel):
        field: str

        @field_validator("field")
        @classmethod
        def check(cls, value: str) -> str:
            raise ValueError("must be lower case")

    with pytest.raises(ValidationError) as caught:
        Model(field="A")
    assert sentence(caught.value.errors()[0]) == "must be lower case"


@pytest.mark.parametrize("value", [None, "", "\0", 1.5, -1, 10**30, True, [], [1], {}, {"a": 1}])
def test_no_field_is_refused_in_the_words_of_the_library(value: object) -> None:
    models = [
        item
        for module in (config, wire)
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, BaseModel) and item.model_fields
        if not issubclass(item, Response)
    ]
    assert {config.Chunk, config.Embedding, wire.SearchRequest} < set(models)
    for model in models:
        try:
            model.model_validate(dict.fromkeys(model.model_fields, value))
        except ValidationError as error:
            said = [sentence(m) for m in error.errors() if m["type"] != "extra_forbidden"]
            assert not [s for s in said if "nput should" in s or "tring should" in s or "alid" in s]
