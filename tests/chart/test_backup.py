"""The CronJob of backups."""

from typing import Any

import pytest

from tests.chart.render import SECRETS, refusal, render

_ON = (*SECRETS, "backup.enabled=true")


def _pod(*sets: str) -> dict[str, Any]:
    job = render(*_ON, *sets).get("CronJob", "mirage-backup")
    pod: dict[str, Any] = job["spec"]["jobTemplate"]["spec"]["template"]
    return pod


def test_backups_are_made_only_if_asked_for() -> None:
    added = set(render(*_ON).inventory()) - set(render(*SECRETS).inventory())
    assert added == {"CronJob/mirage-backup", "PersistentVolumeClaim/mirage-backup"}


def test_old_backups_are_deleted_only_after_a_new_one() -> None:
    spec = _pod("backup.keep=30")["spec"]
    (create,), (prune,) = spec["initContainers"], spec["containers"]
    assert create["args"] == ["backup", "create", "/backups"]
    assert prune["args"] == ["backup", "prune", "/backups", "--keep=30"]
    assert spec["restartPolicy"] == "Never"
    job = render(*_ON, "backup.schedule=@weekly").get("CronJob", "mirage-backup")["spec"]
    assert (job["schedule"], job["concurrencyPolicy"]) == ("@weekly", "Forbid")


def test_backup_reads_the_originals_where_they_are_and_cannot_change_them() -> None:
    pod = _pod()
    (create,) = pod["spec"]["initContainers"]
    mounts = {mount["name"]: mount for mount in create["volumeMounts"]}
    assert mounts["documents"]["readOnly"] is True
    assert mounts["documents"]["mountPath"] == "/data/documents"
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claims == {"documents": "mirage-documents", "backups": "mirage-backup"}
    (term,) = pod["spec"]["affinity"]["podAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term["labelSelector"]["matchLabels"] == {
        "mirage-rag.github.io/documents": "mirage-documents"
    }


def test_pod_of_a_backup_holds_no_other_pod_on_its_node() -> None:
    assert "mirage-rag.github.io/documents" not in _pod()["metadata"]["labels"]


def test_claim_is_kept_and_may_be_another_one() -> None:
    claim = render(*_ON, "backup.persistence.size=5Gi").get(
        "PersistentVolumeClaim", "mirage-backup"
    )
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"]["resources"]["requests"] == {"storage": "5Gi"}
    release = render(*_ON, "backup.persistence.existingClaim=nas")
    assert "PersistentVolumeClaim/mirage-backup" not in release.inventory()
    assert "'claimName': 'nas'" in str(release.get("CronJob", "mirage-backup"))


def test_indexer_has_the_backups_for_restoring_by_hand() -> None:
    spec = render(*_ON).get("Deployment", "mirage-indexer")["spec"]["template"]["spec"]
    assert {"name": "backups", "mountPath": "/backups"} in spec["containers"][0]["volumeMounts"]
    claim = {"claimName": "mirage-backup"}
    assert {"name": "backups", "persistentVolumeClaim": claim} in spec["volumes"]
    assert "backup" not in str(render(*SECRETS).get("Deployment", "mirage-indexer"))


def test_passphrase_comes_from_a_secret_as_a_file() -> None:
    spec = _pod("backup.passphraseSecret=sealed")["spec"]
    for container in (*spec["initContainers"], *spec["containers"]):
        assert container["args"][-1] == "--passphrase-file=/etc/mirage/backup/passphrase"
        mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
        assert "/etc/mirage/backup" in mounts
    assert spec["volumes"][-1]["secret"]["secretName"] == "sealed"


def test_database_lets_the_backup_in() -> None:
    on = ("networkPolicy.enabled=true",)
    policy = render(*_ON, *on).get("NetworkPolicy", "mirage-postgresql")
    names = [
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for peer in policy["spec"]["ingress"][0]["from"]
    ]
    assert names == ["api", "indexer", "backup"]
    assert "backup" not in str(render(*SECRETS, *on).get("NetworkPolicy", "mirage-postgresql"))


@pytest.mark.parametrize("schedule", ["", "daily", "* * *", "0 2 * * * *"])
def test_schedule_that_is_none_is_refused(schedule: str) -> None:
    (reason,) = refusal(*_ON, f"backup.schedule={schedule}")
    remedy = "give a schedule as cron writes it, such as '0 2 * * *' or @daily"
    assert reason == f'ERROR: backup.schedule is "{schedule}": {remedy}'


def test_name_that_is_too_long_for_a_cronjob_is_refused() -> None:
    (reason,) = refusal(*_ON, release="a" * 46)
    assert "has 53 characters, at most 52 fit" in reason
