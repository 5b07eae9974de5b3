"""Mutants of the edges: HTTP, the command line, names, the reserve on the disk."""

from tests.mutants.mutant import Mutant

_CONNECTION = "mirage/api/http/connection.py"
_BODY = "mirage/api/http/body_limit.py"
_ADMISSION = "mirage/api/http/admission.py"
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
        ("tests/unit/test_connection.py",),
        "an answer that takes longer than a head is cut off",
    ),
    Mutant(
        "room-made-of-the-latest",
        _CONNECTION,
        "min(waiting",
        "max(waiting",
        ("tests/unit/test_connection.py",),
        "silent connections stay, and those that just came are ended",
    ),
    Mutant(
        "silent-chosen-twice",
        _CONNECTION,
        "self.connections.discard(silent)",
        "pass",
        ("tests/unit/test_connection.py",),
        "several newcomers choose one silent connection, and the bound is exceeded",
    ),
    Mutant(
        "streamed-body-by-the-clock",
        _BODY,
        "if self._until is None or self.streamed:",
        "if self._until is None:",
        ("tests/api/test_connections.py::test_upload_that_goes_on_slowly_is_taken",),
        "an upload that takes 30 s is cut off",
    ),
    Mutant(
        "body-limit-off-by-much",
        _BODY,
        "MAX_BODY_BYTES = 256 * 1024",
        "MAX_BODY_BYTES = 64 * 1024",
        ("tests/api/test_access.py::test_longest_query_is_taken_in_the_longest_spelling",),
        "the longest query in escapes is refused",
    ),
    Mutant(
        "shutdown-extends-deadlines",
        _BODY,
        "return min((",
        "return max((",
        ("tests/api/test_connections.py::test_upload_under_way_does_not_keep_a_server_that_ends",),
        "a body that is due sooner is waited for until the end",
    ),
    Mutant(
        "place-before-body",
        _ADMISSION,
        "await request.body()",
        "pass",
        ("tests/api/test_admission.py::test_body_that_is_not_complete_keeps_no_place",),
        "64 slow bodies keep all searches out",
    ),
    Mutant(
        "place-lost-on-error",
        _ADMISSION,
        "self._places.release()",
        "pass",
        ("tests/api/test_admission.py::test_place_is_free_again_after_an_error",),
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
        "_MOST_LETTERS = 500",
        _NAMES_TESTS,
        "the work of composing a name has a looser bound",
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
