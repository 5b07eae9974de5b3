"""`Section`: a table of values. Keys are camelCase, unknown keys are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from schema.rules import quoted, text


class Section(BaseModel):
    """A table of values; its docstring is the comment above it in values.yaml."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        # A values file contains only changes; Helm adds the defaults before it validates.
        json_schema_extra=lambda schema: schema.pop("required", None),
        populate_by_name=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )


Name = Annotated[str, text("name", max_length=253)]
"""The name of a Kubernetes object."""

Key = Annotated[str, text("key", max_length=253)]
"""A key in the data of a Secret or ConfigMap."""

Labels = dict[Annotated[str, text("label key")], Annotated[str, quoted("label")]]
"""Labels of an object."""

Annotations = dict[Annotated[str, text("label key")], Annotated[str, quoted()]]
"""Annotations of an object."""
