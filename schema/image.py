"""Which container image a component runs."""

from typing import Annotated, Literal

from pydantic import Field

from schema.section import Section, Text

Digest = Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")]


class Image(Section):
    """Where the image comes from."""

    registry: str = "docker.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Annotated[str, Field(min_length=1)]
    """Repository in that registry."""
    tag: Text
    """Tag."""
    digest: Digest | None = None
    """`sha256:…`; wins over the tag."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the node pulls it."""


class ProgramImage(Image):
    """The image of the program: API, indexer, migrations, tests."""

    registry: str = "ghcr.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Annotated[str, Field(min_length=1)] = "mirage-rag/mirage"
    """Repository in that registry."""
    tag: Text = ""
    """Tag; empty: the chart's appVersion."""
