"""Filters of a search, as joins and conditions of its SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text

from mirage.model import MediaType
from mirage.names import name_variants, parse_id, to_nfc


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages may be found; None and empty mean any.

    `documents` are names, ids in any spelling, folders (`pumps/`) or patterns with `*` and `?`
    (`p0*`), which match `/`, too; a pattern without `/` may match the last part alone.
    `languages` are ISO 639-1 codes; a document whose
    language is unknown matches no code. `heading` is the beginning of a heading path. A passage is
    on the pages from its first to its last; a passage without page numbers is on no page. Dates are
    upload dates, from (included) and until (not included).
    """

    documents: tuple[str, ...] = ()
    media_types: tuple[MediaType, ...] = ()
    languages: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    first_page: int | None = None
    last_page: int | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None

    def joins(self, document: str, chunk: str) -> str:
        """Return SQL joins that keep what may be found.

        Both arguments are SQL expressions of an id.
        """
        conditions = ["d.project_id = :project", "d.status = 'ready'"]
        if self.documents:
            conditions.append(
                "(d.name = ANY(:documents) OR d.id = ANY(:document_ids)"
                " OR d.name LIKE ANY(:document_patterns))"
            )
        if self.media_types:
            conditions.append("d.media_type = ANY(:media_types)")
        if self.languages:
            conditions.append("d.language = ANY(:languages)")
        if self.created_from:
            conditions.append("d.created_at >= :created_from")
        if self.created_until:
            conditions.append("d.created_at < :created_until")
        joins = f"JOIN document d ON d.id = {document} AND {' AND '.join(conditions)}"
        return joins + self._section_joins(chunk)

    def parameters(self) -> dict[str, object]:
        """Return the values for the names that `joins` uses."""
        return {
            "documents": [name for given in self.documents for name in name_variants(given)],
            "document_ids": [i for given in self.documents if (i := parse_id(given))],
            "document_patterns": [
                pattern
                for given in self.documents
                if given.endswith("/") or not _WILDCARDS.isdisjoint(given)
                for name in name_variants(given)
                for pattern in _likes(name)
            ],
            "media_types": [media_type.value for media_type in self.media_types],
            "languages": list(self.languages),
            "heading": list(self.heading),
            "composed_heading": [to_nfc(heading) for heading in self.heading],
            "first_page": self.first_page,
            "last_page": self.last_page,
            "created_from": self.created_from,
            "created_until": self.created_until,
        }

    def _section_joins(self, chunk: str) -> str:
        if not self.heading and self.first_page is None and self.last_page is None:
            return ""
        conditions = []
        if self.heading:
            # Headings of documents that an older release parsed may not be in NFC.
            path = f"fs.heading_path[1:{len(self.heading)}]"
            conditions.append(
                f"({path} = CAST(:heading AS text[]) OR {path} = CAST(:composed_heading AS text[]))"
            )
        if self.first_page is not None:
            conditions.append("fz.page_number >= :first_page")
        if self.last_page is not None:
            conditions.append("fs.page_number <= :last_page")
        return f"""
            JOIN chunk fc ON fc.id = {chunk}
            JOIN section fs ON fs.document_id = fc.document_id AND fs.position = fc.first_section
            JOIN section fz ON fz.document_id = fc.document_id AND fz.position = fc.last_section
                           AND {" AND ".join(conditions)}"""


_WILDCARDS = frozenset("*?")


def _likes(pattern: str) -> list[str]:
    """Return a name with wildcards, or a folder, as patterns of LIKE."""
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern)
    if pattern.endswith("/"):
        escaped += "*"
    like = escaped.replace("*", "%").replace("?", "_")
    return [like] if "/" in pattern else [like, f"%/{like}"]


def bind(statement: str, values: Mapping[str, object]) -> tuple[TextClause, dict[str, object]]:
    """Return a statement with those of the values that it names."""
    clause = text(statement)
    return clause, {name: values[name] for name in clause.compile().params}
