"""The Service of the API."""

from typing import Annotated, Literal

from pydantic import Field

from schema.rules import text
from schema.section import Annotations, Labels, Section

Port = Annotated[int, Field(ge=1, le=65535)]
Cidr = Annotated[str, text("cidr")]
Policy = Literal["Cluster", "Local"]


class Service(Section):
    """The Service in front of the API."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Kind of Service."""
    port: Port = 8000
    """Port of the Service."""
    node_port: Port | None = None
    """Port on the nodes, for NodePort and LoadBalancer; if null, the cluster chooses one."""
    load_balancer_class: Annotated[str, text("label key")] | None = None
    """Class of the load balancer, for LoadBalancer."""
    load_balancer_source_ranges: list[Cidr] | None = []
    """Addresses that may use the load balancer; if empty, all."""
    external_traffic_policy: Policy | None = None
    """`Local` keeps the clients' addresses, for NodePort and LoadBalancer."""
    internal_traffic_policy: Policy | None = None
    """`Local` routes only to pods on the client's node."""
    ip_family_policy: Literal["SingleStack", "PreferDualStack", "RequireDualStack"] | None = None
    """Whether the Service has IPv4 and IPv6 addresses."""
    ip_families: list[Literal["IPv4", "IPv6"]] | None = []
    """IP families in order of preference; if empty, the cluster's."""
    labels: Labels | None = {}
    """Additional labels of the Service."""
    annotations: Annotations | None = {}
    """Annotations of the Service."""
