"""What every Deployment of the chart has."""

from typing import Annotated

from pydantic import Field

from schema.kubernetes import (
    Affinity,
    Capabilities,
    EnvVar,
    PodSecurityContext,
    Quantity,
    ResourceRequirements,
    SeccompProfile,
    SecurityContext,
    Toleration,
    TopologySpreadConstraint,
)
from schema.section import Section


def resources(
    *, requests: tuple[str, str], limits: tuple[str, str] | None = None
) -> ResourceRequirements:
    """Memory and CPU, in this order, as Kubernetes quantities."""
    return ResourceRequirements(
        requests=_quantities(requests), limits=_quantities(limits) if limits else None
    )


def pod_security(uid: int) -> PodSecurityContext:
    """What Restricted Pod Security asks of a pod, for a user that is also the group."""
    return PodSecurityContext(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        fs_group=uid,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=SeccompProfile(type="RuntimeDefault"),
    )


def container_security() -> SecurityContext:
    """What Restricted Pod Security asks of a container, and a root that cannot be written."""
    return SecurityContext(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=Capabilities(drop=["ALL"]),
    )


class Workload(Section):
    """How a component's pods run."""

    replicas: Annotated[int, Field(ge=0)] | None = 1
    """Pods; null: left to an autoscaler."""
    resources: ResourceRequirements | None
    """Requests and limits."""
    extra_env: list[EnvVar] | None = []
    """Further environment variables."""
    pod_annotations: dict[str, str] | None = {}
    """Annotations of the pods."""
    pod_labels: dict[str, str] | None = {}
    """Further labels of the pods."""
    node_selector: dict[str, str] | None = {}
    """Labels that the node must have."""
    tolerations: list[Toleration] | None = []
    """Taints of nodes that are accepted."""
    affinity: Affinity | None = None
    """Affinity; what the shared documents volume needs is added to it."""
    topology_spread_constraints: list[TopologySpreadConstraint] | None = []
    """How the pods spread over the nodes."""
    priority_class_name: str | None = None
    """Priority class of the pods."""


def _quantities(memory_and_cpu: tuple[str, str]) -> dict[str, Quantity]:
    memory, cpu = memory_and_cpu
    return {"memory": Quantity(memory), "cpu": Quantity(cpu)}
