"""Regular backups."""

from typing import Annotated

from pydantic import Field

from schema.kubernetes import ResourceRequirements
from schema.persistence import Claim, Size
from schema.rules import text
from schema.section import Name, Section
from schema.workload import resources


class BackupVolume(Claim):
    """The volume of the backups. Its PersistentVolumeClaim survives `helm uninstall`.

    An existing claim may be on another server.
    """

    size: Size = "20Gi"
    """Requested capacity: all originals once, and the tables of each backup."""


class Backup(Section):
    """Regular backups to a volume of their own, by a CronJob; see docs/backup.md."""

    enabled: bool = False
    """Make backups."""
    schedule: Annotated[str, text("schedule")] = "0 2 * * *"
    """When to make a backup, as cron writes it; the time zone is that of the cluster."""
    keep: Annotated[int, Field(ge=1)] = 7
    """Number of backups to keep. Before older ones are deleted, one that stays is read back."""
    passphrase_secret: Name | None = None
    """Existing Secret with the key `passphrase`: encrypts the backups of a new volume."""
    resources: ResourceRequirements | None = resources(
        requests=("128Mi", "50m"), limits=("512Mi", "500m")
    )
    """Requests and limits of its pod."""
    persistence: BackupVolume = BackupVolume()
