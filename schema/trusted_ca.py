"""Private authorities that the program trusts."""

from typing import Annotated

from pydantic import Field

from schema.section import Name, Section


class TrustedCa(Section):
    """Certificates of private authorities, for an embedding server under TLS. API, indexer and Job
    find them as `/etc/mirage/ca/<key>`, also for `sslrootcert` in the database's URL."""

    config_map: Name | None = None
    """ConfigMap of yours that holds them; null: the public authorities only."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$")] = "ca.crt"
    """Key of the certificates (PEM) in it."""
