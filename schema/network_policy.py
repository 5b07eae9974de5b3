"""Which connections the cluster allows."""

from schema.kubernetes import LabelSelector, NetworkPolicyEgressRule, NetworkPolicyPeer
from schema.section import Section
from schema.service import Port


class NetworkPolicy(Section):
    """NetworkPolicies that allow only the connections that the components need."""

    enabled: bool | None = None
    """Create the NetworkPolicies; if null, only on k3s, which enforces them by itself."""
    api_from: list[NetworkPolicyPeer] | None = []
    """Peers that may connect to the API, in addition to the tests; if empty, all."""
    metrics_from: list[NetworkPolicyPeer] | None = []
    """Peers that may connect to the metrics of API and indexer; if empty, only node probes."""
    database_to: list[NetworkPolicyPeer] | None = []
    """Where an external PostgreSQL is, such as `- ipBlock: {cidr: 10.0.0.0/8}`; if empty,
    anywhere."""
    embedder_to: list[NetworkPolicyPeer] | None = []
    """Where an external embedding server or its proxy is; if empty, anywhere."""
    s3_to: list[NetworkPolicyPeer] | None = []
    """Where the S3 server of the originals is; if empty, anywhere."""
    registry_to: list[NetworkPolicyPeer] | None = []
    """Where the model registry or its proxy is; if empty, anywhere."""
    registry_ports: list[Port] = [443]
    """Ports on which Ollama may connect to its model registry, in addition to that of its proxy."""
    scaler_from: list[NetworkPolicyPeer] | None = [
        NetworkPolicyPeer(
            namespace_selector=LabelSelector(match_labels={"kubernetes.io/metadata.name": "keda"})
        )
    ]
    """Peers that may ask PostgreSQL for the work that is left, if `indexer.autoscaling.enabled`."""
    extra_egress: list[NetworkPolicyEgressRule] | None = []
    """Further connections that API, indexer and Ollama may open."""
