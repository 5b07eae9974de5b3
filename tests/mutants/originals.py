"""Mutants of the store of originals: where a mistake costs users' files."""

from tests.mutants.mutant import Mutant

_SWEEP = "mirage/originals.py"
_ADOPTION = "mirage/adoption.py"
_OWNER = "mirage/files/owner.py"
_BUCKET = "mirage/files/s3/bucket.py"
_FAULTS = "mirage/files/s3/faults.py"
_OWNER_TESTS = ("tests/unit/test_volume.py",)

ORIGINALS = (
    Mutant(
        "sweep-sets-aside-all",
        _SWEEP,
        "if key not in known]",
        "]",
        ("tests/originals/test_sweep.py::test_file_of_no_document_is_set_aside_and_no_other",),
        "originals of documents are set aside",
    ),
    Mutant(
        "sweep-sets-aside-nothing",
        _SWEEP,
        "await set_aside(store, found.unknown)",
        "await set_aside(store, [])",
        ("tests/originals/test_sweep.py::test_file_of_no_document_is_set_aside_and_no_other",),
        "what no document names stays for ever",
    ),
    Mutant(
        "sweep-of-fresh-uploads",
        _SWEEP,
        "older_than_seconds=MIN_AGE_SECONDS",
        "older_than_seconds=0.0",
        ("tests/originals/test_sweep.py::test_file_that_is_younger_than_an_hour_stays",),
        "an upload whose row is not there yet is set aside",
    ),
    Mutant(
        "sweep-handful-open",
        _SWEEP,
        "_HANDFUL = 10",
        "_HANDFUL = 11",
        (
            "tests/originals/test_sweep.py::test_sweep_that_would_move_too_many_stops_and_names_both_numbers",
        ),
        "a mistyped database sets aside more than a handful",
    ),
    Mutant(
        "sweep-share-large",
        _SWEEP,
        "_SHARE = 0.03",
        "_SHARE = 0.3",
        (
            "tests/originals/test_sweep.py::test_many_unknown_files_are_set_aside_where_they_are_three_per_cent_at_most",
        ),
        "a restored database sets aside a third of a library",
    ),
    Mutant(
        "sweep-share-of-handful",
        _SWEEP,
        "max(_HANDFUL, _SHARE * self.originals)",
        "min(_HANDFUL, _SHARE * self.originals)",
        ("tests/originals/test_sweep.py::test_file_of_no_document_is_set_aside_and_no_other",),
        "a person is asked for every single file",
    ),
    Mutant(
        "orphans-a-day-early",
        _SWEEP,
        "orphan.day < before",
        "orphan.day <= before",
        ("tests/originals/test_sweep.py::test_orphan_is_deleted_after_its_days_and_not_before",),
        "files are deleted a day before their time",
    ),
    Mutant(
        "orphans-deleted-though-known",
        _SWEEP,
        "known is None and orphan.day",
        "orphan.day",
        (
            "tests/originals/test_sweep.py::test_orphan_that_a_document_names_since_it_was_listed_is_not_deleted",
        ),
        "an orphan that a document names again is deleted (a race)",
    ),
    Mutant(
        "sweep-claims-newer",
        _SWEEP,
        "item.created_at < identity.created_at",
        "True",
        (
            "tests/originals/test_sweep.py::test_store_without_an_owner_is_not_claimed_for_documents_newer_than_the_database",
        ),
        "a new database claims a store with one of its own documents in it",
    ),
    Mutant(
        "adopted-takes-the-name",
        _ADOPTION,
        "name if taken is None else _with_key(name, lost.key)",
        "name",
        (
            "tests/originals/test_adoption.py::test_adopted_version_never_takes_the_name_of_a_document",
        ),
        "an old version replaces the document of its name",
    ),
    Mutant(
        "adopted-names-clash",
        _ADOPTION,
        "(recovered {key[:8]})",
        "(recovered)",
        (
            "tests/originals/test_adoption.py::test_adopted_version_never_takes_the_name_of_a_document",
        ),
        "of three versions two have one name, and one replaces the other",
    ),
    Mutant(
        "adopted-oldest-first",
        _ADOPTION,
        "key=_stored_at, reverse=True",
        "key=_stored_at",
        ("tests/originals/test_adoption.py::test_latest_of_several_versions_gets_the_name",),
        "the oldest version gets the document's name",
    ),
    Mutant(
        "adopted-copy-of-lost",
        _ADOPTION,
        "await asyncio.to_thread(store.holds, taken, size)",
        "True",
        ("tests/originals/test_adoption.py::test_original_that_is_missing_is_repaired_by_a_copy",),
        "the only copy of a document's bytes is set aside",
    ),
    Mutant(
        "owner-overwritten",
        _OWNER,
        "_link(draft, root / FILE)",
        "draft.replace(root / FILE)",
        _OWNER_TESTS,
        "of two databases that claim a store the second takes it",
    ),
    Mutant(
        "owner-damaged-is-free",
        _OWNER,
        "return UNREADABLE",
        "return None",
        _OWNER_TESTS,
        "a damaged store is claimed and swept by whatever database comes",
    ),
    Mutant(
        "owner-race-on-windows",
        _OWNER,
        "if not target.exists():",
        "if True:",
        _OWNER_TESTS,
        "without hard links the second database takes the store",
    ),
    Mutant(
        "bucket-404-is-missing",
        _FAULTS,
        "and code and code[1] == _MISSING",
        "and True",
        ("tests/s3/test_faults.py",),
        "with a wrong key or bucket, documents fail instead of waiting",
    ),
    Mutant(
        "bucket-head-is-believed",
        _BUCKET,
        "with suppress(BaseError, FileNotFoundError):",
        "with suppress(BaseError):",
        ("tests/s3/test_bucket.py::test_size_tells_a_whole_file",),
        "a bucket that is missing looks like an original that is",
    ),
    Mutant(
        "bucket-upload-not-aborted",
        "mirage/files/s3/incoming.py",
        "            raise _Abandoned",
        "            pass",
        ("tests/s3/test_bucket.py::test_aborted_upload_leaves_neither_object_nor_parts",),
        "a refused upload becomes an original",
    ),
    Mutant(
        "bucket-owner-overwritten",
        _BUCKET,
        '"overwrite" if replace else "create"',
        '"overwrite"',
        ("tests/s3/test_bucket.py",),
        "of two databases that claim a bucket the second takes it",
    ),
    Mutant(
        "bucket-claimed-too-early",
        "mirage/copying.py",
        "        done = CopiedFiles()",
        "        await asyncio.to_thread(target.claim, identity.id)\n        done = CopiedFiles()",
        ("tests/s3/test_copying.py::test_copy_goes_on_after_a_break",),
        "documents fail while their originals are being copied",
    ),
)
