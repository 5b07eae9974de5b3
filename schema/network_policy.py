"""Which connections the cluster allows."""

from typing import Annotated

from pydantic import Field

from schema.kubernetes import NetworkPolicyPeer
from schema.section import Section

Port = Annotated[int, Field(ge=1, le=65535)]


class NetworkPolicy(Section):
    """NetworkPolicies that allow only the connections that the components need."""

    enabled: bool = False
    """Create the NetworkPolicies."""
    api_from: list[NetworkPolicyPeer] | None = []
    """Peers that may connect to the API, in addition to the tests; if empty, all."""
    metrics_from: list[NetworkPolicyPeer] | None = []
    """Peers that may connect to the metrics of API and indexer; if empty, only node probes."""
    registry_ports: list[Port] = [443]
    """Ports on which Ollama may connect to its model registry."""
