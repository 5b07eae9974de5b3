"""What indexers left in a database, and how it differs from what they should have left."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg

Rows = dict[Any, tuple[Any, ...]]

_DOCUMENTS = """
SELECT id, name, status, error_code, error, warnings, title, page_count,
       (SELECT md5(string_agg(s::text, '' ORDER BY s.position)) FROM section s
         WHERE s.document_id = d.id)
  FROM document d
"""
_CHUNKS = """
SELECT id, status, document_id, start_offset, end_offset, first_section, last_section, heading,
       text, tokens, md5(lexemes::text), md5(terms::text)
  FROM chunk
"""
_VECTORS = "SELECT chunk_id, document_id, embedding::text FROM embedding"
_UNFINISHED = """
SELECT (SELECT count(*) FROM document WHERE status NOT IN ('ready', 'failed')),
       (SELECT count(*) FROM chunk WHERE status = 'pending'),
       (SELECT count(*) FROM document WHERE lease_token IS NOT NULL),
       (SELECT count(*) FROM chunk WHERE lease_token IS NOT NULL),
       (SELECT count(*) FROM generation WHERE state = 'building'),
       (SELECT count(*) FROM blocker)
"""


@dataclass(frozen=True)
class State:
    """Rows by key, and what is still to be done."""

    documents: Rows
    chunks: Rows
    vectors: Rows
    unfinished: dict[str, int]


@dataclass
class Faults:
    """What went wrong, one sentence each."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def add(self, other: "Faults") -> None:
        """Take in those of another run."""
        self.lost += other.lost
        self.duplicated += other.duplicated
        self.stuck += other.stuck

    def __bool__(self) -> bool:
        return bool(self.lost or self.duplicated or self.stuck)


async def unfinished(connection: asyncpg.Connection) -> dict[str, int]:
    """Counts of what is left over."""
    names = (
        *("documents", "chunks", "leased documents", "leased chunks"),
        *("generations being built", "obstacles"),
    )
    return dict(zip(names, await connection.fetchrow(_UNFINISHED) or (), strict=True))


async def read_state(connection: asyncpg.Connection) -> State:
    """All of it."""

    async def rows(query: str) -> Rows:
        return {row[0]: tuple(row)[1:] for row in await connection.fetch(query)}

    return State(
        await rows(_DOCUMENTS),
        await rows(_CHUNKS),
        await rows(_VECTORS),
        await unfinished(connection),
    )


def compare(expected: State, found: State) -> Faults:
    """Return the faults of `found`, compared with an undisturbed run."""
    faults = Faults()
    faults.stuck += [f"{count} {kind}" for kind, count in found.unfinished.items() if count]
    for kind in ("documents", "chunks", "vectors"):
        wanted: Rows = getattr(expected, kind)
        there: Rows = getattr(found, kind)
        faults.lost += [f"{kind}: {key} is missing" for key in wanted.keys() - there.keys()]
        faults.duplicated += [f"{kind}: {key} is extra" for key in there.keys() - wanted.keys()]
        faults.lost += [
            f"{kind}: {key} is {there[key]!r:.300}, not {wanted[key]!r:.300}"
            for key in wanted.keys() & there.keys()
            if there[key] != wanted[key]
        ]
    return faults
