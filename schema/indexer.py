"""The indexer, which parses, chunks and embeds documents."""

from schema.kubernetes import ResourceRequirements
from schema.workload import Workload, resources


class Indexer(Workload):
    """The indexer parses, chunks and embeds documents. Its init container migrates the database."""

    resources: ResourceRequirements | None = resources(
        requests=("512Mi", "200m"), limits=("1Gi", "1000m")
    )
    """Requests and limits."""
