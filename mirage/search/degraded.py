"""Why an answer has only one leg, or a weak one."""

from collections import Counter
from collections.abc import Iterable

from mirage.db.generations import Generation
from mirage.languages import describe_language, unknown_language_note
from mirage.model import Passage, SearchMode

_NO_WORDS = "the query has no word to search for, only very common words or punctuation"


def without_words(mode: SearchMode) -> str:
    """Return the sentence for a query without a word that could be found."""
    if mode is SearchMode.LEXICAL:
        return f"nothing was searched: {_NO_WORDS}"
    return f"searched by meaning only: {_NO_WORDS}"


def unknown_language(generation: Generation, passages: Iterable[Passage]) -> str | None:
    """Return a sentence if most of the passages are in a language that the model does not know.

    It matters to a search by meaning alone.
    """
    found = Counter(passage.document_language for passage in passages)
    if not found or not generation.languages or "*" in generation.languages:
        return None
    language, _ = found.most_common(1)[0]
    if language is None or language in generation.languages:
        return None
    what = f"most of these passages are in {describe_language(language)}"
    return unknown_language_note(generation.model, generation.languages, what)
