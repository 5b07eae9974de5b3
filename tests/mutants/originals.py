"""Mutants of the store of originals: where a mistake costs users' files."""

from tests.mutants.mutant import Mutant

_SWEEP = "mirage/originals.py"
_ADOPTION = "mirage/adoption.py"
_OWNER = "mirage/files/owner.py"
_SWEEP_TESTS = ("tests/originals/test_sweep.py",)
_ADOPTION_TESTS = ("tests/originals/test_adoption.py",)
_OWNER_TESTS = ("tests/unit/test_volume.py",)

ORIGINALS = (
    Mutant(
        "sweep-sets-aside-all",
        _SWEEP,
        "if key not in known]",
        "]",
        _SWEEP_TESTS,
        "originals of documents are set aside",
    ),
    Mutant(
        "sweep-sets-aside-nothing",
        _SWEEP,
        "await set_aside(store, found.unknown)",
        "await set_aside(store, [])",
        _SWEEP_TESTS,
        "what no document names stays for ever",
    ),
    Mutant(
        "sweep-of-fresh-uploads",
        _SWEEP,
        "older_than_seconds=MIN_AGE_SECONDS",
        "older_than_seconds=0.0",
        _SWEEP_TESTS,
        "an upload whose row is not there yet is set aside",
    ),
    Mutant(
        "sweep-handful-open",
        _SWEEP,
        "_HANDFUL = 10",
        "_HANDFUL = 11",
        _SWEEP_TESTS,
        "a mistyped database sets aside more than a handful",
    ),
    Mutant(
        "sweep-share-large",
        _SWEEP,
        "_SHARE = 0.03",
        "_SHARE = 0.3",
        _SWEEP_TESTS,
        "a restored database sets aside a third of a library",
    ),
    Mutant(
        "sweep-share-of-handful",
        _SWEEP,
        "max(_HANDFUL, _SHARE * self.originals)",
        "min(_HANDFUL, _SHARE * self.originals)",
        _SWEEP_TESTS,
        "a person is asked for every single file",
    ),
    Mutant(
        "orphans-a-day-early",
        _SWEEP,
        "orphan.day < before",
        "orphan.day <= before",
        _SWEEP_TESTS,
        "files are deleted a day before their time",
    ),
    Mutant(
        "orphans-deleted-though-known",
        _SWEEP,
        "known is None and orphan.day",
        "orphan.day",
        _SWEEP_TESTS,
        "an orphan that a document names again is deleted (a race)",
    ),
    Mutant(
        "sweep-claims-newer",
        _SWEEP,
        "item.created_at < identity.created_at",
        "item.created_at > identity.created_at",
        _SWEEP_TESTS,
        "a new database claims a store with one of its own documents in it",
    ),
    Mutant(
        "adopted-takes-the-name",
        _ADOPTION,
        "name if taken is None else _with_key(name, lost.key)",
        "name",
        _ADOPTION_TESTS,
        "an old version replaces the document of its name",
    ),
    Mutant(
        "adopted-names-clash",
        _ADOPTION,
        "(recovered {key[:8]})",
        "(recovered)",
        _ADOPTION_TESTS,
        "of three versions two have one name, and one replaces the other",
    ),
    Mutant(
        "adopted-oldest-first",
        _ADOPTION,
        "key=_stored_at, reverse=True",
        "key=_stored_at",
        _ADOPTION_TESTS,
        "the oldest version gets the document's name",
    ),
    Mutant(
        "adopted-copy-of-lost",
        _ADOPTION,
        "await asyncio.to_thread(store.holds, taken, size)",
        "True",
        _ADOPTION_TESTS,
        "the only copy of a document's bytes is set aside",
    ),
    Mutant(
        "owner-overwritten",
        _OWNER,
        "_link(draft, root / _FILE)",
        "draft.replace(root / _FILE)",
        _OWNER_TESTS,
        "of two databases that claim a store the second takes it",
    ),
    Mutant(
        "owner-damaged-is-free",
        _OWNER,
        "return UNREADABLE",
        "return None",
        (*_OWNER_TESTS, *_SWEEP_TESTS),
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
)
