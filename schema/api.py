"""The HTTP server."""

from typing import Annotated

from pydantic import Field

from schema.kubernetes import ResourceRequirements
from schema.rules import text
from schema.scaling import ApiAutoscaling, DisruptionBudget
from schema.service import Service
from schema.workload import ProbeTiming, Workload, resources


class Api(Workload):
    """The HTTP server."""

    enabled: bool = True
    """Run the API in this release."""
    root_path: Annotated[str, text("prefix path")] | None = None
    """Prefix of all paths, such as `/mirage`; the Ingress or proxy may remove it or not."""
    resources: ResourceRequirements | None = resources(
        requests=("256Mi", "100m"), limits=("512Mi", "500m")
    )
    """Requests and limits."""
    service: Service = Service()
    autoscaling: ApiAutoscaling = ApiAutoscaling()
    disruption_budget: DisruptionBudget = DisruptionBudget()
    startup_probe: ProbeTiming = ProbeTiming(
        initial_delay_seconds=3, period_seconds=2, timeout_seconds=60, failure_threshold=60
    )
    """When the startup probe runs; the default waits about an hour for a database."""
    liveness_probe: ProbeTiming = ProbeTiming(timeout_seconds=5)
    """When the liveness probe runs."""
    readiness_probe: ProbeTiming = ProbeTiming(period_seconds=5, timeout_seconds=5)
    """When the readiness probe runs."""
    termination_grace_period_seconds: Annotated[int, Field(ge=0, le=86400)] | None = 40
    """Time to stop before the pod is killed: it serves for 10 s more, then it has 20 s to finish
    requests, and a reserve."""
