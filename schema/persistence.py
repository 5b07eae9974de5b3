"""The claim that keeps a component's data."""

from typing import Annotated, Literal

from pydantic import Field

from schema.section import Name, Section

Size = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i|[MGTPE])?$")]
AccessMode = Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]


class Persistence(Section):
    """The volume; a claim survives `helm uninstall`."""

    enabled: bool = True
    """Keep the data in a claim; false: in the pod, and lost with it."""
    size: Size
    """Capacity that is asked for."""
    storage_class: Name | None = "local-path"
    """Storage class; null: the cluster's default class."""
    access_modes: Annotated[list[AccessMode], Field(min_length=1)] = ["ReadWriteOnce"]
    """Access modes; with an existing claim, those that it has."""
    existing_claim: Name | None = None
    """Name of a claim that is there already; none is made then."""
