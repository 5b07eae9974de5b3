"""The whole chart on one screen: one line per key of values.yaml."""

from typing import Annotated, Any

from pydantic import Field

from schema.api import Api
from schema.auth import Auth
from schema.backup import Backup
from schema.certificates import CaCertificates
from schema.config import Config
from schema.documents import Documents
from schema.external_database import ExternalDatabase
from schema.global_values import Global
from schema.http_route import HttpRoute
from schema.image import ProgramImage
from schema.indexer import Indexer
from schema.ingress import Ingress
from schema.kubernetes import LocalObjectReference, PodSecurityContext, SecurityContext
from schema.metrics import Metrics
from schema.network_policy import NetworkPolicy
from schema.ollama import Ollama
from schema.postgresql import Postgresql
from schema.rules import text
from schema.section import Annotations, Labels, Section
from schema.service_account import ServiceAccount
from schema.tests import Tests
from schema.workload import container_security, pod_security

# The user of the image, see the Dockerfile.
_UID = 10001

Override = Annotated[str, text("prefix")]


class Values(Section):
    """Private retrieval: finds exact, cited passages in your own documents."""

    # A parent chart may set this; it is not in values.yaml.
    enabled: Annotated[bool | None, Field(exclude=True)] = None

    global_: Annotated[Global, Field(alias="global")] = Global()
    name_override: Override | None = None
    """Text to append to the release name in the names of all objects."""
    fullname_override: Override | None = None
    """Text to use instead of the release name in the names of all objects."""
    image: ProgramImage = ProgramImage()
    image_pull_secrets: list[LocalObjectReference] | None = []
    """Pull secrets for private registries, for all pods."""
    common_labels: Labels | None = {}
    """Additional labels of all objects and pods."""
    common_annotations: Annotations | None = {}
    """Annotations of all objects."""
    service_account: ServiceAccount = ServiceAccount()
    auth: Auth = Auth()
    config: Config = Config()
    ca_certificates: CaCertificates = CaCertificates()
    api: Api = Api()
    indexer: Indexer = Indexer()
    pod_security_context: PodSecurityContext | None = pod_security(_UID)
    """Security context of the pods of API, indexer, Job and tests."""
    security_context: SecurityContext | None = container_security()
    """Security context of the containers in these pods."""
    documents: Documents = Documents()
    backup: Backup = Backup()
    postgresql: Postgresql = Postgresql()
    external_database: ExternalDatabase = ExternalDatabase()
    ollama: Ollama = Ollama()
    ingress: Ingress = Ingress()
    http_route: HttpRoute = HttpRoute()
    network_policy: NetworkPolicy = NetworkPolicy()
    metrics: Metrics = Metrics()
    tests: Tests = Tests()
    extra_objects: list[dict[str, Any]] | None = []
    """Additional objects of any kind; their strings may contain template code."""
