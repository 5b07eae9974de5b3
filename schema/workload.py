"""Values that all Deployments of the chart have."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from schema.kubernetes import (
    Affinity,
    Capabilities,
    Container,
    EnvFromSource,
    EnvVar,
    HostAlias,
    PodDNSConfig,
    PodSecurityContext,
    Quantity,
    ResourceRequirements,
    SeccompProfile,
    SecurityContext,
    Toleration,
    TopologySpreadConstraint,
    Volume,
    VolumeMount,
)
from schema.persistence import Size
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


class ProbeTiming(BaseModel):
    """When a probe runs. What it asks is not a value."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    initial_delay_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Time before the first probe."""
    period_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """Time between two probes."""
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """Time to wait for an answer."""
    failure_threshold: Annotated[int, Field(ge=1, le=10000)] | None = None
    """Failures in a row until the probe has failed."""


class Workload(Section):
    """The pods of a component."""

    replicas: Annotated[int, Field(ge=0)] | None = 1
    """Number of pods; null leaves it to an autoscaler."""
    resources: ResourceRequirements | None
    """Requests and limits."""
    extra_env: list[EnvVar] | None = []
    """Additional environment variables."""
    env_from: list[EnvFromSource] | None = []
    """ConfigMaps and Secrets with additional environment variables."""
    extra_volumes: list[Volume] | None = []
    """Additional volumes."""
    extra_volume_mounts: list[VolumeMount] | None = []
    """Where the component's container mounts additional volumes."""
    init_containers: list[Container] | None = []
    """Additional init containers; they run before the chart's."""
    sidecars: list[Container] | None = []
    """Additional containers."""
    tmp_size_limit: Size | None = None
    """Maximum size of /tmp; if null, unlimited."""
    startup_probe: ProbeTiming
    """When the startup probe runs."""
    liveness_probe: ProbeTiming
    """When the liveness probe runs."""
    readiness_probe: ProbeTiming
    """When the readiness probe runs."""
    termination_grace_period_seconds: Annotated[int, Field(ge=0, le=86400)] | None = None
    """Time to stop before the pod is killed; if null, 30."""
    revision_history_limit: Annotated[int, Field(ge=0)] | None = None
    """Old ReplicaSets to keep; if null, 10."""
    labels: Labels | None = {}
    """Additional labels of the Deployment."""
    annotations: Annotations | None = {}
    """Annotations of the Deployment."""
    pod_labels: Labels | None = {}
    """Additional labels of the pods."""
    pod_annotations: Annotations | None = {}
    """Annotations of the pods."""
    node_selector: Labels | None = {}
    """Labels that the node must have."""
    tolerations: list[Toleration] | None = []
    """Node taints to tolerate."""
    affinity: Affinity | None = None
    """Affinity. API and indexer also get what the shared documents volume needs."""
    topology_spread_constraints: list[TopologySpreadConstraint] | None = []
    """Rules for spreading the pods over nodes; without `labelSelector`, the component's pods."""
    priority_class_name: Name | None = None
    """Priority class of the pods."""
    runtime_class_name: Name | None = None
    """Runtime class of the pods, such as `nvidia`."""
    dns_policy: Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] | None = None
    """DNS policy of the pods; if null, ClusterFirst."""
    dns_config: PodDNSConfig | None = None
    """DNS servers, search domains and options of the pods."""
    host_aliases: list[HostAlias] | None = []
    """Additional entries of /etc/hosts."""


def _quantities(memory_and_cpu: tuple[str, str]) -> dict[str, Quantity]:
    memory, cpu = memory_and_cpu
    return {"memory": Quantity(memory), "cpu": Quantity(cpu)}
