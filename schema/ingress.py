"""Access from outside the cluster."""

from typing import Annotated

from schema.rules import text
from schema.section import Annotations, Labels, Name, Section

Host = Annotated[str, text("host", max_length=253)]


class IngressTls(Section):
    """TLS, with a certificate from cert-manager."""

    enabled: bool = True
    """Serve HTTPS."""
    secret_name: Name | None = None
    """Secret with the certificate; if null, `<release>-tls`."""
    cluster_issuer: Name | None = "letsencrypt-prod"
    """ClusterIssuer of cert-manager; if null, no annotation is set."""
    default_certificate: bool = False
    """Use the controller's own certificate instead of a Secret and an issuer."""


class Ingress(Section):
    """Access from outside the cluster, by default with Traefik and cert-manager."""

    enabled: bool = False
    """Create an Ingress that routes `host` to the API."""
    class_name: Name | None = "traefik"
    """Ingress class; if null, the cluster's default class."""
    host: Host | None = None
    """Host name of the API."""
    extra_hosts: list[Host] | None = []
    """Further host names of the API."""
    labels: Labels | None = {}
    """Additional labels of the Ingress."""
    annotations: Annotations | None = {}
    """Further annotations, such as a controller's limits for large uploads."""
    tls: IngressTls = IngressTls()
