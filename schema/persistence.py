"""The volume for a component's data."""

from typing import Annotated, Literal

from pydantic import Field

from schema.kubernetes import LabelSelector
from schema.rules import text
from schema.section import Annotations, Labels, Name, Section

Size = Annotated[str, text("size")]
StorageClass = Annotated[str, text("storage class", max_length=253)]
AccessMode = Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]


class Claim(Section):
    """A PersistentVolumeClaim, which survives `helm uninstall`."""

    size: Size
    """Requested capacity."""
    storage_class: StorageClass | None = "local-path"
    """Storage class; if null or empty, the cluster's default class; `-` for no class at all."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """Access modes; for an existing claim, its access modes."""
    volume_name: Name | None = None
    """Existing PersistentVolume to bind to."""
    selector: LabelSelector | None = None
    """Labels of the PersistentVolumes to choose from."""
    existing_claim: Name | None = None
    """Existing PersistentVolumeClaim to use instead of a new one."""
    labels: Labels | None = {}
    """Additional labels of the claim."""
    annotations: Annotations | None = {}
    """Annotations of the claim."""


class Persistence(Claim):
    """The volume. Its PersistentVolumeClaim survives `helm uninstall`."""

    enabled: bool = True
    """Use a PersistentVolumeClaim; if false, the data is lost with the pod."""
