"""Values that a parent chart sets for all of its parts."""

from typing import Annotated

from pydantic import ConfigDict

from schema.image import Registry
from schema.persistence import StorageClass
from schema.rules import text
from schema.section import Section


class Global(Section):
    """Values for this chart and all others of a parent chart. They override those of components."""

    # A parent chart has keys of its own here.
    model_config = ConfigDict(extra="allow")

    image_registry: Registry | None = None
    """Registry of all images."""
    image_pull_secrets: list[Annotated[str, text("name")]] | None = []
    """Names of pull secrets for all pods, in addition to `imagePullSecrets`."""
    storage_class: StorageClass | None = None
    """Storage class of all volumes."""
