"""`Section`: a table of values. Keys are camelCase, unknown keys are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


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


Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
"""The name of a Kubernetes object."""

Text = str | int
"""Text that may be all digits: `--set auth.apiKey=12345678` arrives as a number."""
