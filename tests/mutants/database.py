"""Mutants of search, queues, leases and events."""

from tests.mutants.mutant import Mutant

_CANDIDATES = "mirage/db/search/candidates.py"
_BM25 = "mirage/db/search/bm25_document.py"
_BY_INDEX = (
    "tests/db/test_passages.py::test_search_by_index_goes_on_past_the_passages_of_other_projects",
)
_FALLBACK = (
    "tests/db/test_passages.py::test_search_compares_all_where_the_index_gives_up_among_others",
)
_SCORES = ("tests/db/test_passages.py::test_lexical_scores_are_those_of_bm25",)
_RANKING = "mirage/search/ranking.py"
_RANKS = ("tests/unit/test_ranking.py",)
_CLAIMS = ("tests/db/test_queue.py::test_claims_are_served_by_their_index",)

DATABASE = (
    Mutant(
        "vector-index-never-used",
        _CANDIDATES,
        '" + 0" if exact else ""',
        '" + 0"',
        _BY_INDEX,
        "every search compares all vectors",
    ),
    Mutant(
        "iterative-scan-off",
        _CANDIDATES,
        '"relaxed_order"',
        '"off"',
        _BY_INDEX,
        "the index gives up among the passages of other projects",
    ),
    Mutant(
        "exact-fallback-off",
        _CANDIDATES,
        "len(candidates) < query.wanted",
        "len(candidates) < 0",
        _FALLBACK,
        "what the index gives up on is not found",
    ),
    Mutant(
        "iterative-and-fallback-off",
        _CANDIDATES,
        '"relaxed_order"',
        '"off"',
        _BY_INDEX,
        "a small project next to a large one is not found",
        also=(("len(candidates) < query.wanted", "len(candidates) < 0"),),
    ),
    Mutant(
        "chunk-claim-hidden",
        "mirage/db/queue/chunks.py",
        "generation_id = :generation AND {_CLAIMABLE}",
        "generation_id + 0 = :generation AND {_CLAIMABLE}",
        _CLAIMS,
        "each claim of chunks reads the whole queue",
    ),
    Mutant(
        "turns-by-the-clock",
        "mirage/db/queue/chunks.py",
        "coalesce(:front, now())",
        "coalesce(NULL, now(), :front)",
        ("tests/index/test_fairness.py",),
        "a small document waits for the whole book where the embedder is slow",
    ),
    Mutant(
        "document-claim-unordered",
        "mirage/db/queue/documents.py",
        "ORDER BY not_before LIMIT 1",
        "ORDER BY updated_at LIMIT 1",
        _CLAIMS,
        "each claim of a document sorts the whole queue",
    ),
    Mutant(
        "heartbeat-too-slow",
        "mirage/index/leases.py",
        "lease_seconds / 3",
        "lease_seconds * 3",
        ("tests/unit/test_leases.py",),
        "another worker claims what is worked on",
    ),
    Mutant(
        "bm25-without-frequency",
        _BM25,
        "_K1 = 2.0",
        "_K1 = 0.0",
        _SCORES,
        "k1: how often is nothing",
    ),
    Mutant("bm25-without-length", _BM25, "_B = 0.75", "_B = 0.0", _SCORES, "b: length is nothing"),
    Mutant(
        "bm25-other-length",
        _BM25,
        "return tokens / chunk_size",
        "return tokens / chunk_size / 2",
        _SCORES,
        "a full passage counts as short",
    ),
    Mutant(
        "bm25-without-idf",
        "mirage/db/search/bm25_query.py",
        "return math.log(1 + ",
        "return 1.0 + 0 * (1 + ",
        _SCORES,
        "rare words weigh as much as common ones",
    ),
    Mutant(
        "surroundings-ignored",
        _BM25,
        "_SURROUNDING_WEIGHT = 0.5",
        "_SURROUNDING_WEIGHT = 0.0",
        ("tests/db/test_words.py::test_words_around_a_passage_rank_it_but_do_not_find_it",),
        "a passage is known by its own words alone",
    ),
    Mutant(
        "fusion-trusts-every-language",
        _RANKING,
        "1 / 12, 1 / 45, 1 / 60",
        "1 / 12, 1 / 12, 1 / 12",
        _RANKS,
        "cosines count in languages that the model does not know",
    ),
    Mutant(
        "fusion-never-mutes-cosines",
        _RANKING,
        "missing = 1.0 - max(shares.values(), default=0.0)",
        "missing = 1.0",
        _RANKS,
        "an exact hit loses to a similar text",
    ),
    Mutant(
        "weak-without-words",
        _RANKING,
        "distance < _WEAK_DISTANCE and share < _WEAK_SHARE",
        "distance < _WEAK_DISTANCE",
        _RANKS,
        "a passage with the words of the question is called weak",
    ),
    Mutant(
        "stale-words-stay",
        "mirage/db/renaming.py",
        "await mark_stale(connection, list(renamed))",
        "list(renamed)",
        ("tests/db/test_words.py::test_renamed_document_is_found_by_its_new_name",),
        "a renamed document is found by its old name alone",
    ),
    Mutant(
        "backoff-without-jitter",
        "mirage/index/retries.py",
        "random.uniform(0, ceiling)",
        "ceiling",
        ("tests/unit/test_retries.py",),
        "all indexers come back at the same moment",
    ),
    Mutant(
        "events-without-pause",
        "mirage/events.py",
        "_PAUSE_SHARE = 9",
        "_PAUSE_SHARE = 0",
        ("tests/api/test_events.py::test_looks_of_a_feed_take_a_tenth_of_the_time_at_most",),
        "a large project's events keep the process busy",
    ),
)
