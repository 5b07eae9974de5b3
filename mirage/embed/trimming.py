"""Shortens text to a number of tokens, at the ends of words."""

from mirage.embed import Embedder
from mirage.embed.tokenizer import CautiousTokenizer
from mirage.errors import MirageError
from mirage.model import Tokenizer

CHARACTERS_PER_TOKEN = 12
"""A window is loaded by characters and trimmed by tokens; no text has longer tokens on average."""


async def tokenizer_of(embedder: Embedder) -> Tokenizer:
    """Return the model's tokenizer; without it, one that rather counts too many tokens."""
    try:
        return (await embedder.facts()).tokenizer
    except MirageError:
        return CautiousTokenizer()


def last_tokens(text: str, tokenizer: Tokenizer, tokens: int) -> int:
    """Return where the last `tokens` tokens begin, moved forward to the next word."""
    offsets = tokenizer.offsets(text)
    for start, _ in offsets[max(len(offsets) - tokens, 0) :]:
        if start == 0 or not (text[start - 1].isalnum() and text[start].isalnum()):
            return start
    return len(text)


def first_tokens(text: str, tokenizer: Tokenizer, tokens: int) -> int:
    """Return where the first `tokens` tokens end, moved back to the end of a word."""
    for _, end in reversed(tokenizer.offsets(text)[:tokens]):
        if end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum()):
            return end
    return 0
