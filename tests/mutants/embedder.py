"""Mutants of what is believed of an embedding server."""

from tests.mutants.mutant import Mutant

_PROOF = "mirage/embed/proof.py"
_PROOF_TESTS = ("tests/unit/embed/test_proof.py",)
_SETTLING = "mirage/embed/settling.py"
_WATCH = "mirage/embed/watch.py"
_FAULTS = "mirage/embed/faults.py"
_QUERY_VECTOR = "mirage/search/query_vector.py"

EMBEDDER = (
    Mutant(
        "proof-for-ever",
        _PROOF,
        "if age < GOOD_SECONDS:",
        "if self._good_at is not None:",
        _PROOF_TESTS,
        "a server that worked once is healthy for ever",
    ),
    Mutant(
        "failure-for-ever",
        _PROOF,
        "now - self._failed_at < FAILED_SECONDS",
        "True",
        _PROOF_TESTS,
        "a server that failed once is never asked again",
    ),
    Mutant(
        "proof-without-patience",
        _PROOF,
        "_PATIENCE_SECONDS if age < _BUSY_SECONDS else None",
        "None",
        _PROOF_TESTS,
        "a server that computes for others makes every probe wait",
    ),
    Mutant(
        "settled-after-one-look",
        _SETTLING,
        "_LOOKS = 3",
        "_LOOKS = 1",
        ("tests/unit/embed/test_settling.py",),
        "an index is begun with a model that flaps",
    ),
    Mutant(
        "settled-without-memory",
        _SETTLING,
        "_MEMORY_SECONDS = 600.0",
        "_MEMORY_SECONDS = 0.0",
        ("tests/unit/embed/test_settling.py",),
        "servers that take turns begin an index each",
    ),
    Mutant(
        "changes-never-forgotten",
        _SETTLING,
        "now - at < _MEMORY_SECONDS",
        "True",
        ("tests/unit/embed/test_settling.py",),
        "a model that was changed several times last week waits as long",
    ),
    Mutant(
        "settled-on-facts-of-before",
        _WATCH,
        "facts = await self.refresh_facts(0.0, read=True)",
        "facts = await self.refresh_facts(0.0)",
        ("tests/unit/embed/test_faults.py::TestSettledFacts",),
        "an index is begun with a limit that the server told while it lied",
    ),
    Mutant(
        "replaced-model-confirmed",
        _WATCH,
        "if digest != facts.digest:",
        "if False:",
        ("tests/unit/embed/test_ollama.py::TestDocuments",),
        "vectors of two models come into one index",
    ),
    Mutant(
        "absurd-dimensions-believed",
        _FAULTS,
        "0 < facts.dimensions <= MAX_DIMENSIONS",
        "0 < facts.dimensions",
        ("tests/unit/embed/test_faults.py::TestLiar",),
        "a table of a million dimensions is made",
    ),
    Mutant(
        "silence-blames-no-text",
        _FAULTS,
        "NoAnswer | StrangeAnswer",
        "StrangeAnswer",
        ("tests/unit/embed/test_faults.py::test_error_may_mean_a_text_or_is_of_the_server",),
        "a text that makes the server silent stops the whole index",
    ),
    Mutant(
        "windows-without-room-for-the-prompt",
        _QUERY_VECTOR,
        "facts.tokenizer.offsets(facts.query_prompt + text)",
        "facts.tokenizer.offsets(text)",
        ("tests/unit/test_query_vector.py",),
        "the windows of a long query are refused as too long and halved",
    ),
    Mutant(
        "first-window-only",
        _QUERY_VECTOR,
        "mean = vectors.mean(axis=0, dtype=np.float64)",
        "mean = vectors[0].astype(np.float64)",
        ("tests/unit/test_query_vector.py",),
        "the end of a long query is not searched",
    ),
)
