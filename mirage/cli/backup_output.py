"""How `mirage backup` shows its results."""

from typing import TYPE_CHECKING, Any

from mirage.cli.output import printable

if TYPE_CHECKING:
    from mirage.backup.prune import Pruned
    from mirage.backup.restore import Restored
    from mirage.backup.verify import Listed


def cells(item: "Listed") -> tuple[str, ...]:
    """Return a row of the list of backups."""
    if item.backup is None:
        return (item.name, printable(str(item.error)), *[""] * 5)
    manifest = item.backup.manifest
    scope = "all projects"
    if manifest.project is not None:
        scope = printable(manifest.project.name or str(manifest.project.id))
    return (
        item.name,
        scope,
        f"{manifest.documents:,}",
        f"{manifest.originals:,} ({manifest.original_bytes:,} bytes)",
        f"{item.stored_bytes:,} bytes",
        printable(manifest.model.model) if manifest.model else "",
        printable(manifest.mirage),
    )


def backup_as_json(item: "Listed") -> dict[str, Any]:
    """Return a backup, or why it cannot be used."""
    found: dict[str, Any] = {"name": item.name, "ok": item.error is None}
    if item.error is not None:
        found["error"] = {"code": item.error.code, "detail": str(item.error)}
    if item.backup is not None:
        found |= item.backup.manifest.model_dump(mode="json", exclude={"tables"})
        found["table_bytes"] = item.stored_bytes
    return found


def notes_on(restored: "Restored") -> list[str]:
    """Return sentences about what a restore left out or changed."""
    chosen, files = restored.chosen, restored.files
    notes = [
        f"The project {old!r} is now {new!r}: another one has its name."
        for old, new in chosen.renamed
    ]
    if chosen.other_versions:
        notes.append(
            f"{chosen.other_versions:,} documents were not added, because their projects have"
            " another document of the same name."
        )
    if files.repaired:
        notes.append(f"The lost originals of {files.repaired:,} documents were stored again.")
    if files.missing:
        notes.append(f"The backup lacks the originals of {files.missing:,} documents.")
    if restored.note:
        notes.append(restored.note)
    return notes


def restored_as_json(restored: "Restored") -> dict[str, Any]:
    """Return what a restore did."""
    added, chosen, files = restored.added, restored.chosen, restored.files
    return {
        "name": restored.backup.name,
        "documents": added.documents,
        "passages": added.passages,
        "projects": added.projects,
        "keys": added.keys,
        "present": chosen.present,
        "other_versions": chosen.other_versions,
        "originals_stored": files.stored,
        "originals_repaired": files.repaired,
        "originals_missing": files.missing,
        "notes": notes_on(restored),
    }


def pruned_as_json(pruned: "Pruned") -> dict[str, Any]:
    """Return what was deleted."""
    return {
        "deleted": pruned.deleted,
        "kept": pruned.kept,
        "originals": pruned.originals,
        "bytes": pruned.bytes,
        "unread": pruned.unread,
    }
