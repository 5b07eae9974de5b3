"""The worker that parses, chunks and embeds."""

from schema.kubernetes import ResourceRequirements
from schema.workload import Workload, resources


class Indexer(Workload):
    """The worker that parses, chunks and embeds; its init container migrates the database."""

    resources: ResourceRequirements | None = resources(
        requests=("512Mi", "200m"), limits=("1Gi", "1000m")
    )
    """Requests and limits."""
