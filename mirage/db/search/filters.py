"""Filters of a search, as joins and conditions of its SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import TextClause, text

from mirage.model import MediaType
from mirage.names import name_variants, parse_id, to_nfc


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages may be found; None and empty mean any.

    `documents` are names, ids in any spelling, folders (`pumps/`) or patterns with `*` and `?`
    (`p0*`), which match `/`, too; a pattern without `/` may match the last part alone. `languages`
    are ISO 639-1 codes; a document whose language is unknown matches no code. `heading` is a
    heading, or consecutive ones, at any level of the heading path of one of a passage's sections. A
    passage is on the pages from its first to its last; a passage without page numbers is on no
    page. Dates are upload dates, from (included) and until (not included).
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
        joins = f"JOIN chunk fc ON fc.id = {chunk}"
        if self.first_page is not None:
            joins += self._section_join("fz", "last_section", "fz.page_number >= :first_page")
        if self.last_page is not None:
            joins += self._section_join("fs", "first_section", "fs.page_number <= :last_page")
        if self.heading:
            joins += f" AND {self._is_under_heading()}"
        return f" {joins}"

    def _section_join(self, name: str, position: str, condition: str) -> str:
        return f"""
            JOIN section {name} ON {name}.document_id = fc.document_id
                               AND {name}.position = fc.{position} AND {condition}"""

    def _is_under_heading(self) -> str:
        """Return SQL that is true when a section of the passage is under the headings."""
        # Headings of documents that an older release parsed may not be in NFC.
        part = f"fh.heading_path[at : at + {len(self.heading) - 1}]"
        return f"""EXISTS (
            SELECT 1 FROM section fh, generate_subscripts(fh.heading_path, 1) at
             WHERE fh.document_id = fc.document_id
               AND fh.position BETWEEN fc.first_section AND fc.last_section
               AND {part} IN (CAST(:heading AS text[]), CAST(:composed_heading AS text[])))"""


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
    clause, names = _clause(statement)
    return clause, {name: values[name] for name in names}


@lru_cache(maxsize=256)  # Statements differ by filters, generation and number of candidates.
def _clause(statement: str) -> tuple[TextClause, tuple[str, ...]]:
    clause = text(statement)
    return clause, tuple(clause.compile().params)
