"""Private certificate authorities that miRAGe trusts."""

from schema.section import Key, Name, Section


class CaCertificates(Section):
    """Private certificate authorities (PEM) to trust: in addition to the public ones for embedding
    servers and S3, and for an external PostgreSQL with `sslMode` verify-ca or verify-full. API,
    indexer and Jobs mount them in `/etc/mirage/ca`."""

    config_map: Name | None = None
    """Existing ConfigMap with the certificates."""
    secret: Name | None = None
    """Existing Secret with the certificates, instead of a ConfigMap."""
    key: Key = "ca.crt"
    """Key of the certificates in its data."""
