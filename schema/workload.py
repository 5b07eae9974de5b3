"""Values that all Deployments of the chart have."""

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
from schema.section import Annotations, Labels, Name, Section


def resources(
    *, requests: tuple[str, str], limits: tuple[str, str] | None = None
) -> ResourceRequirements:
    """Return requests and limits, each given as memory and CPU (Kubernetes quantities)."""
    return ResourceRequirements(
        requests=_quantities(requests), limits=_quantities(limits) if limits else None
    )


def pod_security(uid: int) -> PodSecurityContext:
    """Return a context that meets Restricted Pod Security; user and group have the same id."""
    return PodSecurityContext(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        fs_group=uid,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=SeccompProfile(type="RuntimeDefault"),
    )


def container_security() -> SecurityContext:
    """Return a context that meets Restricted Pod Security, with a read-only root file system."""
    return SecurityContext(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=Capabilities(drop=["ALL"]),
    )


class Workload(Section):
    """The pods of a component."""

    replicas: Annotated[int, Field(ge=0)] | None = 1
    """Number of pods; null leaves it to an autoscaler."""
    resources: ResourceRequirements | None
    """Requests and limits."""
    extra_env: list[EnvVar] | None = []
    """Additional environment variables."""
    pod_annotations: Annotations | None = {}
    """Annotations of the pods."""
    pod_labels: Labels | None = {}
    """Additional labels of the pods."""
    node_selector: Labels | None = {}
    """Labels that the node must have."""
    tolerations: list[Toleration] | None = []
    """Node taints to tolerate."""
    affinity: Affinity | None = None
    """Affinity. API and indexer also get what the shared documents volume needs."""
    topology_spread_constraints: list[TopologySpreadConstraint] | None = []
    """Rules for spreading the pods over nodes."""
    priority_class_name: Name | None = None
    """Priority class of the pods."""


def _quantities(memory_and_cpu: tuple[str, str]) -> dict[str, Quantity]:
    memory, cpu = memory_and_cpu
    return {"memory": Quantity(memory), "cpu": Quantity(cpu)}
