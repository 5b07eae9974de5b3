"""The container image of a component."""

from typing import Annotated, Literal

from pydantic import Field

from schema.section import Section, Text

Digest = Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")]


class Image(Section):
    """The container image."""

    registry: str = "docker.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Annotated[str, Field(min_length=1)]
    """Repository in that registry."""
    tag: Text
    """Tag."""
    digest: Digest | None = None
    """Digest, `sha256:…`; takes precedence over the tag."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the node pulls the image."""


class ProgramImage(Image):
    """The image of miRAGe, for API, indexer, migrations and tests."""

    registry: str = "ghcr.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Annotated[str, Field(min_length=1)] = "mirage-rag/mirage"
    """Repository in that registry."""
    tag: Text = ""
    """Tag; if empty, the chart's appVersion."""
