"""Who may talk to whom."""

from typing import Annotated

from pydantic import Field

from schema.kubernetes import NetworkPolicyPeer
from schema.section import Section

Port = Annotated[int, Field(ge=1, le=65535)]


class NetworkPolicy(Section):
    """NetworkPolicies that allow what the components need of each other and nothing else."""

    enabled: bool = False
    """Make them."""
    api_from: list[NetworkPolicyPeer] | None = []
    """Who reaches the API besides the tests; empty: everybody."""
    metrics_from: list[NetworkPolicyPeer] | None = []
    """Who reaches the metrics of API and indexer; empty: nobody but the node's probes."""
    registry_ports: list[Port] = [443]
    """Ports on which Ollama reaches the registry of its models."""
