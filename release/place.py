"""Where candidates and releases are in a registry."""

from dataclasses import dataclass

_LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Place:
    """A registry, with the path in front of our repositories, such as `ghcr.io/mirage-rag`."""

    registry: str

    @property
    def host(self) -> str:
        """Host and port, without the path."""
        return self.registry.partition("/")[0]

    @property
    def plain_http(self) -> bool:
        """Whether the registry has no TLS: that of this machine."""
        return self.host.partition(":")[0] in _LOOPBACK

    @property
    def image(self) -> str:
        """Public repository of the image."""
        return f"{self.registry}/mirage"

    @property
    def chart(self) -> str:
        """Public repository of the chart. Helm wants it to end with the name of the chart."""
        return f"{self.registry}/charts/mirage"

    @property
    def candidate(self) -> "Place":
        """The place of candidates in the same registry."""
        return Place(f"{self.registry}/candidates")

    def within_host(self, repository: str) -> str:
        """Return a repository without the host, as the chart's `image.repository` takes it."""
        return repository.removeprefix(f"{self.host}/")
