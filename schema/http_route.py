"""Access from outside the cluster by the Gateway API."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from schema.ingress import Host
from schema.rules import text
from schema.section import Annotations, Labels, Name, Section


class ParentReference(BaseModel):
    """A Gateway, or one of its listeners."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    name: Name
    """Name of the Gateway."""
    namespace: Name | None = None
    """Namespace of the Gateway; if null, that of the release."""
    section_name: Name | None = None
    """Name of the listener."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port of the listener."""
    kind: Annotated[str, text("variable")] | None = None
    """Kind; if null, Gateway."""
    group: Name | None = None
    """API group; if null, gateway.networking.k8s.io."""


class HttpRoute(Section):
    """An HTTPRoute of the Gateway API (v1), instead of or next to the Ingress."""

    enabled: bool = False
    """Create an HTTPRoute that routes `hostnames` to the API."""
    parent_refs: list[ParentReference] | None = []
    """Gateways to attach to."""
    hostnames: list[Host] | None = []
    """Host names of the API; if empty, those of the Gateway."""
    labels: Labels | None = {}
    """Additional labels of the HTTPRoute."""
    annotations: Annotations | None = {}
    """Annotations of the HTTPRoute."""
