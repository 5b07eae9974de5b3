"""Makes the chart's generated Secret, in the cluster in which this process runs.

A key that the Secret has already is never changed, so the command may run any number of times.
"""

import base64
import secrets
import ssl
import string
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from mirage.errors import ConfigError, Unavailable
from mirage.foreign import clean
from mirage.tls import unusable

API_KEY = "api-key"
PASSWORD = "postgresql-password"  # noqa: S105 - the name of a key
URL = "database-url"

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_CHARACTERS = string.ascii_letters + string.digits
_LENGTH = 32
_TIMEOUT_SECONDS = 10.0
_TRIES = 5
"""How often others may change the Secret meanwhile."""


class NoCluster(ConfigError):
    """Run the command in a pod that has a token of its ServiceAccount, as the chart's Job has."""

    code = "no-cluster"


class ClusterRefused(ConfigError):
    """Allow the ServiceAccount of the Job to create, get and patch the Secret, or make it yourself
    and name it in the values (`auth.existingSecret`, `postgresql.auth.existingSecret`)."""

    code = "cluster-refused"


class ClusterUnavailable(Unavailable):
    """Check that the pod may connect to the API server of Kubernetes; the Job tries again."""

    code = "cluster-unavailable"


def address(environment: Mapping[str, str]) -> str:
    """Return the address of the API server, which Kubernetes tells each pod. Raises NoCluster."""
    host = environment.get("KUBERNETES_SERVICE_HOST")
    if not host:
        raise NoCluster("KUBERNETES_SERVICE_HOST is not set, so this is no pod of a cluster")
    port = environment.get("KUBERNETES_SERVICE_PORT_HTTPS") or "443"
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


class Cluster:
    """Secrets of this pod's namespace, with the rights of its ServiceAccount."""

    def __init__(self, address: str, account: Path = _ACCOUNT) -> None:
        """Read the token. Raises NoCluster."""
        try:
            token = (account / "token").read_text().strip()
            namespace = (account / "namespace").read_text().strip()
        except OSError as error:
            raise NoCluster(f"{error.filename}: {unusable(error)}") from error
        authority = account / "ca.crt"
        try:
            trusted = ssl.create_default_context(cafile=authority)
        except OSError as error:
            raise NoCluster(f"{authority}: {unusable(error)}") from error
        self._client = httpx.AsyncClient(
            base_url=f"{address}/api/v1/namespaces/{quote(namespace)}/secrets",
            headers={"Authorization": f"Bearer {token}"},
            verify=trusted,
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(self, name: str) -> dict[str, Any] | None:
        """Return a Secret, None if there is no such Secret."""
        response = await self._ask("GET", f"/{quote(name)}")
        return None if response.status_code == httpx.codes.NOT_FOUND else _object(response)

    async def create(self, secret: Mapping[str, Any]) -> bool:
        """Create a Secret. Return False if it is there already."""
        return (await self._ask("POST", "", secret)).status_code != httpx.codes.CONFLICT

    async def add(self, name: str, version: str, data: Mapping[str, str]) -> bool:
        """Add data to this version of a Secret. Return False if it was changed meanwhile."""
        body = {"metadata": {"resourceVersion": version}, "data": data}
        response = await self._ask("PATCH", f"/{quote(name)}", body)
        return response.status_code != httpx.codes.CONFLICT

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        try:
            response = await self._client.request(
                method, path, json=body, headers={"Content-Type": kind}
            )
        except httpx.HTTPError as error:
            why = clean(str(error)) or type(error).__name__
            raise ClusterUnavailable(f"Kubernetes cannot be reached ({why})") from error
        if response.is_success or response.status_code in (404, 409):
            return response
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ClusterUnavailable(f"Kubernetes answers {response.status_code}")
        raise ClusterRefused(f"Kubernetes refuses: {_message(response)}")


async def make_secret(
    cluster: Cluster,
    name: str,
    *,
    api_key: bool,
    postgresql: str | None,
    metadata: Mapping[str, Any],
) -> list[str]:
    """Generate the keys that the Secret lacks, and return their names.

    The keys are the API key, and the password and URL of the PostgreSQL at the host `postgresql`.
    A new Secret has the labels and annotations of `metadata`.
    Raises ClusterRefused or ClusterUnavailable.
    """
    for _ in range(_TRIES):
        secret = await cluster.get(name)
        data = _decoded(secret)
        made = _missing(data, api_key=api_key, postgresql=postgresql)
        if not made:
            return []
        encoded = {key: base64.b64encode(made[key].encode()).decode() for key in made}
        if secret is None:
            done = await cluster.create(
                {"metadata": {**metadata, "name": name}, "type": "Opaque", "data": encoded}
            )
        else:
            done = await cluster.add(name, secret["metadata"]["resourceVersion"], encoded)
        if done:
            return sorted(made)
    raise ClusterUnavailable(f"the Secret {name} is changed all the time")


def _missing(data: Mapping[str, str], *, api_key: bool, postgresql: str | None) -> dict[str, str]:
    made = {}
    if api_key and not data.get(API_KEY):
        made[API_KEY] = _generated()
    if postgresql is not None:
        password = data.get(PASSWORD)
        if not password:
            made[PASSWORD] = password = _generated()
        if PASSWORD in made or not data.get(URL):
            made[URL] = f"postgresql://mirage:{quote(password, safe='')}@{postgresql}:5432/mirage"
    return made


def _generated() -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def _decoded(secret: Mapping[str, Any] | None) -> dict[str, str]:
    data = (secret or {}).get("data") or {}
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError as error:
        raise ClusterUnavailable("Kubernetes answers with something else than JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise ClusterUnavailable("Kubernetes answers with something else than a Secret")
    return found


def _message(response: httpx.Response) -> str:
    try:
        said = response.json()
    except ValueError:
        said = None
    message = said.get("message") if isinstance(said, dict) else None
    return clean(str(message or response.status_code))
