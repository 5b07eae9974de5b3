"""Mutants of the edges: HTTP, the command line, names, the reserve on the disk."""

from tests.mutants.mutant import Mutant

_CONNECTION = "mirage/api/http/connection.py"
_CONNECTION_TESTS = ("tests/api/test_connections.py",)
_BODY = "mirage/api/http/body_limit.py"
_ADMISSION = "mirage/api/http/admission.py"
_ADMISSION_TESTS = ("tests/api/test_admission.py",)
_PATHS = "mirage/cli/paths.py"
_PATHS_TESTS = ("tests/cli/test_paths.py",)
_NAMES = "mirage/names.py"
_NAMES_TESTS = ("tests/unit/test_names.py",)
_RESERVE = "mirage/reserve.py"
_RESERVE_TESTS = ("tests/unit/test_reserve.py",)

EDGES = (
    Mutant(
        "busy-connection-ended",
        _CONNECTION,
        "if self.transport.is_closing() or self._request_is_shown():",
        "if self.transport.is_closing():",
        _CONNECTION_TESTS,
        "an answer that takes longer than a head is cut off",
    ),
    Mutant(
        "room-made-of-the-latest",
        _CONNECTION,
        "min(waiting",
        "max(waiting",
        _CONNECTION_TESTS,
        "silent connections stay, and those that just came are ended",
    ),
    Mutant(
        "silent-chosen-twice",
        _CONNECTION,
        "self.connections.discard(silent)",
        "pass",
        _CONNECTION_TESTS,
        "several newcomers choose one silent connection, and the bound is exceeded",
    ),
    Mutant(
        "streamed-body-by-the-clock",
        _BODY,
        "if self._until is None or self.streamed:",
        "if self._until is None:",
        _CONNECTION_TESTS,
        "an upload that takes 30 s is cut off",
    ),
    Mutant(
        "body-limit-off-by-much",
        _BODY,
        "MAX_BODY_BYTES = 256 * 1024",
        "MAX_BODY_BYTES = 64 * 1024",
        ("tests/api/test_access.py", "tests/api/test_serving.py", "tests/api/test_edges.py"),
        "the longest query in escapes is refused",
    ),
    Mutant(
        "shutdown-extends-deadlines",
        _BODY,
        "return min((",
        "return max((",
        _CONNECTION_TESTS,
        "a body that is due sooner is waited for until the end",
    ),
    Mutant(
        "place-before-body",
        _ADMISSION,
        "await request.body()",
        "pass",
        _ADMISSION_TESTS,
        "64 slow bodies keep all searches out",
    ),
    Mutant(
        "place-lost-on-error",
        _ADMISSION,
        "self._places.release()",
        "pass",
        _ADMISSION_TESTS,
        "searches take places and never leave them",
    ),
    Mutant(
        "hidden-folders-entered",
        _PATHS,
        "for name in folders if not is_aside(name))",
        "for name in folders)",
        _PATHS_TESTS,
        "a folder's .git is sent",
    ),
    Mutant(
        "names-clash-unseen",
        _PATHS,
        "document_name_from_form(name), file)",
        "name, file)",
        _PATHS_TESTS,
        "of two spellings of a name one document replaces the other",
    ),
    Mutant(
        "document-name-bound",
        _NAMES,
        "MAX_DOCUMENT_BYTES = 4096",
        "MAX_DOCUMENT_BYTES = 8192",
        _NAMES_TESTS,
        "a name is taken that no file system takes",
    ),
    Mutant(
        "document-part-bound",
        _NAMES,
        "longest > MAX_PART_BYTES",
        "longest > MAX_PART_BYTES + 1",
        _NAMES_TESTS,
        "a name is taken whose download cannot be saved",
    ),
    Mutant(
        "composing-unbounded",
        _NAMES,
        "_MOST_LETTERS = 400",
        "_MOST_LETTERS = 4_000_000",
        _NAMES_TESTS,
        "one name keeps the process busy for minutes",
    ),
    Mutant(
        "composing-too-bounded",
        _NAMES,
        "_MOST_LETTERS = 400",
        "_MOST_LETTERS = 200",
        _NAMES_TESTS,
        "a name that may be taken is kept as it was typed and not found",
    ),
    Mutant(
        "reserve-needed-late",
        _RESERVE,
        "free < RESERVE_BYTES // 2",
        "free < RESERVE_BYTES // 8",
        _RESERVE_TESTS,
        "PostgreSQL fails before the reserve is given up",
    ),
    Mutant(
        "reserve-fills-the-disk",
        _RESERVE,
        "free < 4 * RESERVE_BYTES",
        "free < RESERVE_BYTES",
        _RESERVE_TESTS,
        "the reserve itself fills a disk",
    ),
    Mutant(
        "reserve-of-zeros",
        _RESERVE,
        "os.urandom(_PIECE_BYTES)",
        "bytes(_PIECE_BYTES)",
        _RESERVE_TESTS,
        "a file system that compresses reserves nothing",
    ),
)
