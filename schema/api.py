"""The HTTP server."""

from typing import Literal

from schema.kubernetes import ResourceRequirements
from schema.section import Annotations, Section
from schema.workload import Workload, resources


class Service(Section):
    """The Service in front of the API, on port 8000."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Kind of Service."""
    annotations: Annotations | None = {}
    """Annotations of the Service."""


class Api(Workload):
    """The HTTP server."""

    resources: ResourceRequirements | None = resources(
        requests=("256Mi", "100m"), limits=("512Mi", "500m")
    )
    """Requests and limits."""
    service: Service = Service()
