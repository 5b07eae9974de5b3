"""The indexer, which parses, chunks and embeds documents."""

from schema.kubernetes import ResourceRequirements
from schema.scaling import DisruptionBudget, IndexerAutoscaling
from schema.workload import ProbeTiming, Workload, resources


class Indexer(Workload):
    """The indexer parses, chunks and embeds documents. Its init container migrates the database."""

    enabled: bool = True
    """Run the indexer in this release; if false, another release must migrate and index."""
    resources: ResourceRequirements | None = resources(
        requests=("512Mi", "200m"), limits=("1Gi", "1000m")
    )
    """Requests and limits."""
    autoscaling: IndexerAutoscaling = IndexerAutoscaling()
    disruption_budget: DisruptionBudget = DisruptionBudget()
    startup_probe: ProbeTiming = ProbeTiming(
        initial_delay_seconds=3, period_seconds=2, timeout_seconds=60, failure_threshold=5
    )
    """When the startup probe runs."""
    liveness_probe: ProbeTiming = ProbeTiming(timeout_seconds=5)
    """When the liveness probe runs."""
    readiness_probe: ProbeTiming = ProbeTiming(period_seconds=5, timeout_seconds=5)
    """When the readiness probe runs."""
