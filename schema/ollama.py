"""Ollama, in the release or outside it."""

from typing import Annotated

from schema.image import Image
from schema.kubernetes import PodSecurityContext, ResourceRequirements, SecurityContext
from schema.persistence import Persistence
from schema.rules import text
from schema.workload import ProbeTiming, Workload, container_security, pod_security, resources

# Above those of nodes; the image runs with any.
_UID = 10003


class Ollama(Workload):
    """Ollama computes the embeddings; the model is set by `config.ollama.model`."""

    enabled: bool = True
    """Run Ollama in this release; not needed if `config.embedding.backend` is openai."""
    url: Annotated[str, text("address")] | None = None
    """Address of an existing Ollama; requires enabled=false."""
    pull_model: bool = False
    """Pull the model with a Job after each install and change; if false, pull it by hand."""
    models: list[Annotated[str, text("model")]] | None = []
    """Further models for that Job to pull, such as those of an earlier index."""
    proxy: Annotated[str, text("proxy")] | None = None
    """HTTP proxy through which Ollama downloads models."""
    pull_insecure: bool = False
    """Allow Ollama to pull from a registry without TLS."""
    pull_resources: ResourceRequirements | None = resources(
        requests=("64Mi", "10m"), limits=("256Mi", "500m")
    )
    """Requests and limits of that Job; the download itself runs in the pod of Ollama."""
    image: Image = Image(repository="ollama/ollama", tag="0.33.0")
    resources: ResourceRequirements | None = resources(
        requests=("2Gi", "500m"), limits=("4Gi", "2000m")
    )
    """Requests and limits; request a GPU under limits."""
    persistence: Persistence = Persistence(size="10Gi")
    pod_security_context: PodSecurityContext | None = pod_security(_UID)
    """Security context of the pod."""
    security_context: SecurityContext | None = container_security()
    """Security context of the container."""
    startup_probe: ProbeTiming = ProbeTiming(
        initial_delay_seconds=2, period_seconds=2, timeout_seconds=60, failure_threshold=5
    )
    """When the startup probe runs."""
    liveness_probe: ProbeTiming = ProbeTiming(timeout_seconds=10, failure_threshold=6)
    """When the liveness probe runs."""
    readiness_probe: ProbeTiming = ProbeTiming(period_seconds=5, timeout_seconds=5)
    """When the readiness probe runs."""
