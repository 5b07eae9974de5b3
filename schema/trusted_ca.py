"""Private certificate authorities that miRAGe trusts."""

from typing import Annotated

from pydantic import Field

from schema.section import Name, Section


class TrustedCa(Section):
    """Private certificate authorities to trust for the embedding server. API, indexer and Job have
    them in `/etc/mirage/ca/<key>`; `sslrootcert` in the database URL may use this path."""

    config_map: Name | None = None
    """Existing ConfigMap with the certificates; if null, only public authorities are trusted."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$")] = "ca.crt"
    """Key of the certificates (PEM) in that ConfigMap."""
