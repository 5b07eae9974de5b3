"""The way in from outside of the cluster."""

from typing import Annotated

from pydantic import Field

from schema.section import Name, Section

Host = Annotated[
    str,
    Field(pattern=r"^$|^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"),
]


class IngressTls(Section):
    """TLS with a certificate by cert-manager."""

    enabled: bool = True
    """Serve HTTPS."""
    secret_name: Name = "mirage-tls"  # noqa: S105 - the name of a Secret
    """Secret that holds the certificate."""
    cluster_issuer: Name | None = "letsencrypt-prod"
    """Issuer of the certificate; null: no annotation for cert-manager."""


class Ingress(Section):
    """The way in from outside of the cluster; Traefik and cert-manager unless set otherwise."""

    enabled: bool = False
    """Route `host` to the API."""
    class_name: Name | None = "traefik"
    """Ingress class; null: the cluster's default class."""
    host: Host | None = None
    """Host name under which the API is reached."""
    annotations: dict[str, str] | None = {}
    """Further annotations, such as a controller's limits for large uploads."""
    tls: IngressTls = IngressTls()
