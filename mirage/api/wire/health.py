"""The health of the installation."""

from datetime import datetime
from typing import Literal

from mirage.api.wire.base import Response


class ComponentHealth(Response):
    """The state of a component, and its problem if there is one."""

    state: str
    """`ok`, `building`, or the code of the error in words."""
    since: datetime | None = None
    """When the problem began, as far as API and indexers know."""
    detail: str | None = None
    remedy: str | None = None


class Health(Response):
    """Everything works. `components` is present while an index is being built.

    `notes` are sentences about what could be better, if the request has the key of the settings.
    """

    status: Literal["ok"]
    components: dict[str, ComponentHealth] = {}
    notes: list[str] = []


class Unhealthy(Response):
    """The state of each component, with details if the request has the key of the settings."""

    status: Literal["unavailable"]
    components: dict[str, str | ComponentHealth]
