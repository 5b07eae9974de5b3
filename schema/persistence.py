"""The volume for a component's data."""

from typing import Annotated, Literal

from pydantic import Field

from schema.rules import text
from schema.section import Name, Section

Size = Annotated[str, text("size")]
AccessMode = Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]


class Persistence(Section):
    """The volume. Its PersistentVolumeClaim survives `helm uninstall`."""

    enabled: bool = True
    """Use a PersistentVolumeClaim; if false, the data is lost with the pod."""
    size: Size
    """Requested capacity."""
    storage_class: Name | None = "local-path"
    """Storage class; if null, the cluster's default class."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """Access modes; for an existing claim, its access modes."""
    existing_claim: Name | None = None
    """Existing PersistentVolumeClaim to use instead of a new one."""
