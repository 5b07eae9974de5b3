"""The words of texts, as searches compare them: the same for passages and for questions.

`analysis.py` finds words, codes and their parts with their places; `numbers.py` finds numbers that
are written in groups, and `line_ends.py` words that go on in the next line; `forms.py` folds and
stems one word; `stop_words.py` has the words that are too common to be found. On them stand the
words of a document's passages, of a question, and the places where both meet.
"""

from mirage.words.analysis import Token, analyze
from mirage.words.document import Description, DocumentWords, TermCounts
from mirage.words.matches import find_matches
from mirage.words.question import Word, question_words

VERSION = 2
"""Version of the words that are stored, which grows when others are made of the same text. 0 is
what PostgreSQL's parser made."""

__all__ = [
    "VERSION",
    "Description",
    "DocumentWords",
    "TermCounts",
    "Token",
    "Word",
    "analyze",
    "find_matches",
    "question_words",
]
