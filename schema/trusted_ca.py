"""Private certificate authorities that miRAGe trusts."""

from schema.section import Key, Name, Section


class TrustedCa(Section):
    """Private certificate authorities to trust for the embedding server. API, indexer and Job have
    them in `/etc/mirage/ca/<key>`; `sslrootcert` in the database URL may use this path."""

    config_map: Name | None = None
    """Existing ConfigMap with the certificates; if null, only public authorities are trusted."""
    key: Key = "ca.crt"
    """Key of the certificates (PEM) in that ConfigMap."""
