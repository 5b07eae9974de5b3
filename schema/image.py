"""The container image of a component."""

from typing import Annotated, Literal

from schema.rules import quoted, text
from schema.section import Section

Registry = Annotated[str, text("registry")]
Repository = Annotated[str, text("repository")]


class Image(Section):
    """The container image."""

    registry: Registry = "docker.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Repository
    """Repository in that registry."""
    tag: Annotated[str, quoted("tag")]
    """Tag."""
    digest: Annotated[str, text("digest")] | None = None
    """Digest, `sha256:…`; takes precedence over the tag."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the node pulls the image."""


class ProgramImage(Image):
    """The image of miRAGe, for API, indexer, migrations and tests."""

    registry: Registry = "ghcr.io"
    """Registry; empty for an image that was built or loaded on the node."""
    repository: Repository = "mirage-rag/mirage"
    """Repository in that registry."""
    tag: Annotated[str, quoted("tag or empty")] = ""
    """Tag; if empty, the chart's appVersion, with the digest of the release if it is one."""
