"""Adds surrounding text to the passages of an answer, and limits the size of the answer."""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from mirage.db.search.neighbours import Stretch
from mirage.embed.trimming import CHARACTERS_PER_TOKEN, first_tokens, last_tokens
from mirage.model import CitedSection, Passage, Tokenizer
from mirage.search.selection import merge_into

Load = Callable[[UUID, int, int], Awaitable[Stretch]]
"""Returns the sections of a document that contain the characters between two offsets."""


async def widen(
    passages: Sequence[Passage],
    load: Load,
    tokenizer: Tokenizer,
    tokens: int,
    max_tokens: int | None = None,
) -> list[Passage]:
    """Add up to `tokens` tokens on each side, within the passage's top-level section.

    Overlapping passages of one document are merged, with rank, id and scores of the better one; the
    order of the answer does not change. Tokens are counted in the final text, because the sum of
    the parts is too small if a word is split between them. Passages that exceed `max_tokens` are
    left out before merging; otherwise a large merged passage would be left out completely.
    """
    window = tokens * CHARACTERS_PER_TOKEN
    widened = []
    for passage in passages:
        stretch = await load(passage.document_id, passage.start - window, passage.end + window)
        if _holds(stretch, passage):
            widened.append(_widen_one(passage, stretch, tokenizer, tokens))
        elif stretch.sections:  # The document was reindexed after the passage was found.
            widened.append(passage)
    if max_tokens is not None:
        widened = fit(await asyncio.to_thread(_counted, widened, tokenizer), max_tokens)
    return await asyncio.to_thread(_counted, _merge(widened), tokenizer)


def fit(passages: Iterable[Passage], max_tokens: int) -> list[Passage]:
    """Return the passages, best first, that fit together; leave out others, never shorten."""
    kept = []
    for passage in passages:
        if passage.tokens <= max_tokens:
            max_tokens -= passage.tokens
            kept.append(passage)
    return kept


def _counted(passages: Iterable[Passage], tokenizer: Tokenizer) -> list[Passage]:
    return [replace(p, tokens=len(tokenizer.offsets(p.text))) for p in passages]


def _holds(stretch: Stretch, passage: Passage) -> bool:
    if not stretch.sections or passage.start < stretch.starts[0]:
        return False
    base = stretch.starts[0]
    return stretch.text[passage.start - base : passage.end - base] == passage.text


def _widen_one(passage: Passage, stretch: Stretch, tokenizer: Tokenizer, tokens: int) -> Passage:
    base = stretch.starts[0]
    first, last = _same_top_level(passage, stretch)
    text = stretch.text
    before = text[stretch.starts[first] - base : passage.start - base]
    limit = stretch.starts[last] + len(stretch.sections[last].text)
    after = text[passage.end - base : limit - base]
    start = passage.start - len(before) + last_tokens(before, tokenizer, tokens)
    end = passage.end + first_tokens(after, tokenizer, tokens)
    opening = stretch.sections[_section_at(stretch, start)]
    closing = stretch.sections[_section_at(stretch, max(end - 1, start))]
    shift = passage.start - start
    widened = text[start - base : end - base]
    header = passage.table_header
    cited = range(_section_at(stretch, start), _section_at(stretch, max(end - 1, start)) + 1)
    return replace(
        passage,
        text=widened,
        table_header=None if header and header in widened else header,
        matches=tuple((first + shift, last + shift) for first, last in passage.matches),
        start=start,
        end=end,
        heading_path=opening.heading_path,
        page_number=opening.page_number,
        page_label=opening.page_label,
        line=opening.line,
        last_page_number=closing.page_number,
        sections=tuple(_cite(stretch, at) for at in cited),
    )


def _cite(stretch: Stretch, at: int) -> CitedSection:
    section = stretch.sections[at]
    return CitedSection(
        stretch.starts[at],
        section.heading_path,
        section.page_number,
        section.page_label,
        section.line,
    )


def _same_top_level(passage: Passage, stretch: Stretch) -> tuple[int, int]:
    """Return first and last section around the passage with the same top-level heading."""
    first = _section_at(stretch, passage.start)
    last = _section_at(stretch, passage.end - 1)
    top = stretch.sections[first].heading_path[:1]
    while first > 0 and stretch.sections[first - 1].heading_path[:1] == top:
        first -= 1
    while last + 1 < len(stretch.sections) and stretch.sections[last + 1].heading_path[:1] == top:
        last += 1
    return first, last


def _section_at(stretch: Stretch, offset: int) -> int:
    return max(bisect_right(stretch.starts, offset) - 1, 0)


def _merge(passages: Sequence[Passage]) -> list[Passage]:
    """Merge passages that overlap now; the order of the answer does not change."""
    merged: list[Passage] = []
    for passage in passages:
        if not merge_into(merged, passage):
            merged.append(passage)
    return merged
