"""The words of texts, as searches compare them: the same for passages and for questions.

`analysis.py` finds words, codes and their parts with their places; `forms.py` folds and stems one
word; `stop_words.py` has the words that are too common to be found. On them stand the words of a
passage, of a question, and the places where both meet.
"""

from mirage.words.analysis import Token, analyze
from mirage.words.matches import find_matches
from mirage.words.passage import PassageText, TermFrequencies, count_terms
from mirage.words.question import Word, question_words

VERSION = 1
"""Version of the analysis, which grows when it makes other terms of the same text. 0 is what
PostgreSQL's parser made."""

__all__ = [
    "VERSION",
    "PassageText",
    "TermFrequencies",
    "Token",
    "Word",
    "analyze",
    "count_terms",
    "find_matches",
    "question_words",
]
