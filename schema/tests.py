"""The pods of `helm test`."""

from typing import Annotated

from pydantic import Field

from schema.image import Image
from schema.kubernetes import ResourceRequirements
from schema.section import Section
from schema.workload import resources


class Tests(Section):
    """The two pods of `helm test`: one requests /health, one adds, finds and deletes a document."""

    enabled: bool = True
    """Create the test pods."""
    image: Image = Image(repository="curlimages/curl", tag="8.14.1")
    deadline_seconds: Annotated[int, Field(ge=10, le=290)] = 240
    """Maximum time per test; `helm test` itself stops after 300 seconds."""
    resources: ResourceRequirements | None = resources(
        requests=("64Mi", "10m"), limits=("256Mi", "500m")
    )
    """Requests and limits of each pod."""
