"""What `helm test` runs."""

from typing import Annotated

from pydantic import Field

from schema.image import Image
from schema.kubernetes import ResourceRequirements
from schema.section import Section
from schema.workload import resources


class Tests(Section):
    """The two pods of `helm test`: one asks /health, one ingests and finds a document."""

    enabled: bool = True
    """Make them."""
    image: Image = Image(repository="curlimages/curl", tag="8.14.1")
    deadline_seconds: Annotated[int, Field(ge=10, le=290)] = 240
    """How long each may take; `helm test` itself gives up after 300 seconds."""
    resources: ResourceRequirements | None = resources(
        requests=("64Mi", "10m"), limits=("256Mi", "500m")
    )
    """Requests and limits of each."""
