"""Ollama, in the release or elsewhere."""

from typing import Annotated

from pydantic import Field

from schema.image import Image
from schema.kubernetes import PodSecurityContext, ResourceRequirements, SecurityContext
from schema.persistence import Persistence
from schema.workload import Workload, container_security, pod_security, resources


class Ollama(Workload):
    """The server that makes the embeddings; its model is `config.ollama.model`."""

    enabled: bool = True
    """Run Ollama in this release; not needed with `config.embedding.backend` openai."""
    url: Annotated[str, Field(pattern=r"^https?://[^/\s]+\S*$")] | None = None
    """Address of an Ollama elsewhere; needs enabled=false."""
    pull_model: bool = False
    """Pull the model in a Job after each install and change; false: by hand, see the notes."""
    pull_insecure: bool = False
    """Let Ollama pull from a registry without TLS."""
    pull_resources: ResourceRequirements | None = resources(
        requests=("64Mi", "10m"), limits=("256Mi", "500m")
    )
    """Requests and limits of that Job; the download itself runs in Ollama's pod."""
    image: Image = Image(repository="ollama/ollama", tag="0.33.0")
    resources: ResourceRequirements | None = resources(
        requests=("2Gi", "500m"), limits=("4Gi", "2000m")
    )
    """Requests and limits; a GPU is asked for under limits."""
    runtime_class_name: str | None = None
    """Runtime class of the pod, such as `nvidia`."""
    persistence: Persistence = Persistence(size="10Gi")
    pod_security_context: PodSecurityContext | None = pod_security(1000)
    """Security of the pod."""
    security_context: SecurityContext | None = container_security()
    """Security of the container."""
