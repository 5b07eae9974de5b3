"""PostgreSQL with pgvector, in the release or outside it."""

from typing import Annotated

from pydantic import Field

from schema.image import Image
from schema.kubernetes import PodSecurityContext, ResourceRequirements, SecurityContext
from schema.persistence import Persistence
from schema.rules import quoted, text
from schema.section import Key, Name, Section
from schema.workload import ProbeTiming, Workload, container_security, pod_security, resources

# Above those of nodes; the image runs with any.
_UID = 10002


class PostgresqlAuth(Section):
    """Password of the role `mirage`."""

    password: Annotated[str, quoted("line")] | None = None
    """Password; if null, one is generated and kept. A change takes effect at the next start."""
    existing_secret: Name | None = None
    """Existing Secret with the password, instead of `password`."""
    existing_secret_key: Key = "postgresql-password"  # noqa: S105 - the name of a key
    """Key of the password in that Secret."""


class Postgresql(Workload):
    """PostgreSQL 16, 17 or 18 with pgvector. To use an existing one, see `externalDatabase`."""

    enabled: bool = True
    """Run PostgreSQL in this release."""
    replicas: Annotated[int, Field(ge=0, le=1)] = 1
    """1, or 0 to stop PostgreSQL."""
    image: Image = Image(repository="pgvector/pgvector", tag="0.8.5-pg16")
    auth: PostgresqlAuth = PostgresqlAuth()
    parameters: dict[Annotated[str, text("parameter")], Annotated[str, quoted()]] | None = {}
    """Server settings, such as `shared_buffers: 256MB`; all values are strings."""
    resources: ResourceRequirements | None = resources(
        requests=("256Mi", "100m"), limits=("512Mi", "500m")
    )
    """Requests and limits."""
    persistence: Persistence = Persistence(size="5Gi")
    pod_security_context: PodSecurityContext | None = pod_security(_UID)
    """Security context of the pod."""
    security_context: SecurityContext | None = container_security()
    """Security context of the containers."""
    startup_probe: ProbeTiming = ProbeTiming(
        period_seconds=2, timeout_seconds=60, failure_threshold=10
    )
    """When the startup probe runs."""
    liveness_probe: ProbeTiming = ProbeTiming(timeout_seconds=5, failure_threshold=6)
    """When the liveness probe runs."""
    readiness_probe: ProbeTiming = ProbeTiming(period_seconds=5, timeout_seconds=5)
    """When the readiness probe runs."""
