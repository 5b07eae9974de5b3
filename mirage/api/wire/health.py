"""How the installation is."""

from datetime import datetime
from typing import Literal

from mirage.api.wire.base import Response


class ComponentHealth(Response):
    """How a component is; what is wrong with it stands here when something is."""

    state: str
    """`ok`, `building`, or the error's code in words."""
    since: datetime | None = None
    """When the trouble began, as far as the API and its indexers know."""
    detail: str | None = None
    remedy: str | None = None


class Health(Response):
    """All is well. Components stand here when an index is being built."""

    status: Literal["ok"]
    components: dict[str, ComponentHealth] = {}


class Unhealthy(Response):
    """By component: its state, or with the key of the settings all that is known."""

    status: Literal["unavailable"]
    components: dict[str, str | ComponentHealth]
