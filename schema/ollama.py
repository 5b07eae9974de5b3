"""Ollama, in the release or outside it."""

from typing import Annotated

from schema.image import Image
from schema.kubernetes import PodSecurityContext, ResourceRequirements, SecurityContext
from schema.persistence import Persistence
from schema.rules import text
from schema.section import Name
from schema.workload import Workload, container_security, pod_security, resources


class Ollama(Workload):
    """Ollama computes the embeddings; the model is set by `config.ollama.model`."""

    enabled: bool = True
    """Run Ollama in this release; not needed if `config.embedding.backend` is openai."""
    url: Annotated[str, text("address")] | None = None
    """Address of an existing Ollama; requires enabled=false."""
    pull_model: bool = False
    """Pull the model with a Job after each install and change; if false, pull it by hand."""
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
    runtime_class_name: Name | None = None
    """Runtime class of the pod, such as `nvidia`."""
    persistence: Persistence = Persistence(size="10Gi")
    pod_security_context: PodSecurityContext | None = pod_security(1000)
    """Security context of the pod."""
    security_context: SecurityContext | None = container_security()
    """Security context of the container."""
