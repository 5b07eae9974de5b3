"""Migrations of a release after this one, laid into its pods by a ConfigMap.

So an upgrade to a candidate changes the schema, while pods of the release before serve.
"""

import json

from mirage.db.migrate import head_revision
from tests.cluster.shell import run

_VERSIONS = "/opt/mirage/lib/python3.13/site-packages/mirage/db/migrations/versions"
_TEXT = """
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE rehearsal_{revision} (slept text)")
    op.execute("INSERT INTO rehearsal_{revision} SELECT pg_sleep({seconds})::text")
    op.execute(
        "INSERT INTO compatibility SELECT {revision}, min_compatible FROM compatibility "
        "ORDER BY revision DESC LIMIT 1"
    )
"""


def lay(namespace: str, name: str, **seconds: int) -> list[str]:
    """Make a ConfigMap with one migration per keyword, such as `m9000=20`, which takes 20 s.

    Returns the settings of the chart that mount it.
    """
    files, before = {}, f"{head_revision():04}"
    for keyword, pause in seconds.items():
        revision = keyword.removeprefix("m")
        files[f"{revision}_rehearsal.py"] = _TEXT.format(
            revision=revision, before=before, seconds=pause
        )
        before = revision
    run(
        "kubectl", "create", "-n", namespace, "-f", "-",
        stdin=json.dumps({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": files,
        }),
    )  # fmt: skip
    volumes = [{"name": "migrations", "configMap": {"name": name}}]
    mounts = [
        {"name": "migrations", "mountPath": f"{_VERSIONS}/{file}", "subPath": file}
        for file in files
    ]
    return [
        "--set-json", f"indexer.extraVolumes={json.dumps(volumes)}",
        "--set-json", f"indexer.extraVolumeMounts={json.dumps(mounts)}",
    ]  # fmt: skip
