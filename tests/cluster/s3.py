"""An S3 server in the namespace of a release: the program versitygw in an image of nothing else."""

import json
import shutil
from pathlib import Path

from tests.cluster.release import Release
from tests.cluster.shell import run

ACCESS_KEY = "the-access-key"
SECRET_KEY = "the-secret-key"
REGION = "eu-central-1"
BUCKET = "originals"
SECRET = "bucket"
_PORT = 7070
_LABELS = {"app": "s3"}
_USER = 10001
# A bucket is a folder. There is no shell to make it, so it is where a volume is mounted.
_FOLDER = "/data"
_VOLUMES = ("buckets", "bucket", "metadata")

SETTINGS = {
    "config.documents.storage": "s3",
    "config.s3.bucket": BUCKET,
    "config.s3.endpoint": f"http://s3:{_PORT}",
    "config.s3.region": REGION,
    "auth.s3ExistingSecret": SECRET,
}
"""With these settings, the originals of a release are in the bucket."""


def start_s3(release: Release, folder: Path) -> None:
    """Build and push the image, and run the server with an empty bucket and a Secret for it."""
    image = f"{release.registry}/{_build(release, folder)}"
    security = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    server = {
        "name": "s3",
        "image": image,
        "args": [
            *("--port", f":{_PORT}", "--region", REGION, "--access", ACCESS_KEY),
            *("--secret", SECRET_KEY, "--quiet"),
            *("posix", "--sidecar", f"{_FOLDER}/metadata", f"{_FOLDER}/buckets"),
        ],
        "ports": [{"containerPort": _PORT}],
        "readinessProbe": {"tcpSocket": {"port": _PORT}},
        "securityContext": security,
        "volumeMounts": [
            {"name": "buckets", "mountPath": f"{_FOLDER}/buckets"},
            {"name": "bucket", "mountPath": f"{_FOLDER}/buckets/{BUCKET}"},
            {"name": "metadata", "mountPath": f"{_FOLDER}/metadata"},
        ],
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [server],
        "volumes": [{"name": name, "emptyDir": {}} for name in _VOLUMES],
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "s3"},
        "spec": {
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": pod},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s3"},
        "spec": {"selector": _LABELS, "ports": [{"port": _PORT}]},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET},
        "stringData": {"s3-access-key": ACCESS_KEY, "s3-secret-key": SECRET_KEY},
    }
    for manifest in (deployment, service, secret):
        run("kubectl", "apply", "-n", release.namespace, "-f", "-", stdin=json.dumps(manifest))
    run("kubectl", "rollout", "status", "-n", release.namespace, "deploy/s3", "--timeout=120s")


def _build(release: Release, folder: Path) -> str:
    program = shutil.which("versitygw")
    assert program, "versitygw is missing: `make tools` builds it"
    shutil.copy(program, folder / "versitygw")
    (folder / "Dockerfile").write_text(
        'FROM scratch\nCOPY versitygw /versitygw\nENTRYPOINT ["/versitygw"]\n'
    )
    name = "mirage-rag/s3:e2e"
    address = f"{release.registry}/{name}"
    run("docker", "build", "--quiet", "-t", address, str(folder))
    run("docker", "push", "--quiet", address)
    return name
