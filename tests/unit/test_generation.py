"""Which models make vectors that compare with those of a generation."""

from dataclasses import replace
from typing import Any

import pytest

from mirage.db.generations import Generation
from mirage.errors import GenerationMismatch
from mirage.model import GenerationState
from tests.db.facts import facts

_MODEL = facts()
_GENERATION = Generation(
    1, _MODEL.name, _MODEL.digest, _MODEL.dimensions, "", "", 10, 2, GenerationState.ACTIVE, ()
)


@pytest.mark.parametrize("change", [{}, {"query_prompt": "query: "}, {"languages": ("en",)}])
def test_model_that_embeds_documents_alike_serves(change: dict[str, Any]) -> None:
    _GENERATION.require(replace(_MODEL, **change))


@pytest.mark.parametrize(
    "change", [{"digest": "d2"}, {"dimensions": 4}, {"document_prompt": "passage: "}]
)
def test_model_that_embeds_documents_otherwise_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(GenerationMismatch):
        _GENERATION.require(replace(_MODEL, **change))
