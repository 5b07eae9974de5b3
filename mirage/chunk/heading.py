"""Shortens the heading path that is embedded in front of a chunk."""

from collections.abc import Sequence

from mirage.model import Tokenizer

HEADING_SEPARATOR = " > "

# Most headings have five characters per token. A heading with more than this has words that the
# tokenizer does not know, and each of them counts as one token, whatever its length.
_HEADING_TOKEN_CHARACTERS = 10


def shorten(path: Sequence[str], tokenizer: Tokenizer, tokens: int) -> str:
    """Return as much of the heading path as fits into `tokens`, from the deepest heading up."""
    parts = [" ".join(part.split()) for part in path if part.strip()]
    characters = tokens * _HEADING_TOKEN_CHARACTERS
    for first in range(len(parts)):
        heading = HEADING_SEPARATOR.join(parts[first:])
        if len(heading) <= characters and len(tokenizer.offsets(heading)) <= tokens:
            return heading
    if not parts or tokens < 1:
        return ""
    heading = parts[-1][:characters]
    offsets = tokenizer.offsets(heading)
    if len(offsets) > tokens:
        heading = heading[: offsets[tokens][0]].rstrip()
    words = heading.rpartition(" ")[0] or heading
    return words if len(tokenizer.offsets(words)) <= tokens else ""
