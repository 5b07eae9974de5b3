"""How many pods of a component run, and how many may be missing."""

from typing import Annotated

from pydantic import Field

from schema.section import Section

Count = Annotated[int, Field(ge=1)]


class ApiAutoscaling(Section):
    """A HorizontalPodAutoscaler, which then owns the number of pods."""

    enabled: bool = False
    """Create it; the cluster needs a metrics server, and `replicas` stays unset."""
    min_replicas: Count = 2
    """Least number of pods."""
    max_replicas: Count = 5
    """Greatest number of pods."""
    target_cpu_percent: Annotated[int, Field(ge=1, le=1000)] = 80
    """CPU that the pods use on average, in percent of what they request."""


class IndexerAutoscaling(Section):
    """A ScaledObject of KEDA, which then owns the number of pods, by the work that is left."""

    enabled: bool = False
    """Create it; the cluster needs KEDA, and `replicas` stays unset."""
    min_replicas: Count = 1
    """Least number of pods; not 0, because the indexer also migrates and tidies."""
    max_replicas: Count = 3
    """Greatest number of pods."""
    documents_per_replica: Count = 20
    """Documents in work, or waiting for it, per pod."""
    passages_per_replica: Count = 2000
    """Passages without a vector per pod."""
    polling_seconds: Count = 30
    """Time between two looks at the database."""


class DisruptionBudget(Section):
    """A PodDisruptionBudget, created if there can be more than one pod."""

    max_unavailable: Count | None = 1
    """Pods that may be missing while nodes are drained; if null, there is no budget."""
