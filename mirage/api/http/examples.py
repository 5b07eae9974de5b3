"""One example per request and answer; a test validates each with its schema."""

import base64
from typing import Any

_PROJECT_ID = "6f1c3c9e-3f0b-4c55-9a52-0d9b6c1f7d11"
_DOCUMENT_ID = "0b7d6c5e-8f3a-5d1b-b0c4-2a9e8d7f6c10"
_CURSOR = base64.urlsafe_b64encode(f"2026-03-01T09:31:12+00:00 {_DOCUMENT_ID}".encode()).decode()

_PROJECT = {"id": _PROJECT_ID, "name": "handbooks", "created_at": "2026-03-01T09:30:00Z"}
_DOCUMENT = {
    "id": _DOCUMENT_ID,
    "project_id": _PROJECT_ID,
    "name": "pumps/handbook.pdf",
    "media_type": "application/pdf",
    "size_bytes": 1_482_113,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "status": "embedding",
    "created_at": "2026-03-01T09:31:12Z",
    "updated_at": "2026-03-01T09:31:20Z",
    "title": "Pump handbook",
    "page_count": 212,
    "characters": 431_077,
    "language": "en",
    "chunks_ready": 96,
    "chunks_total": 341,
    "error": None,
    "error_code": None,
    "waiting_for": None,
    "warnings": ["pages 3 and 4 have no text"],
    "gaps": None,
}
_KEY = {
    "id": "c2a5e0d4-6a0e-4b57-9b53-7f2f3f0a9e21",
    "name": "website",
    "scope": "read",
    "project_ids": [_PROJECT_ID],
    "created_at": "2026-03-01T09:40:00Z",
    "expires_at": "2027-03-01T09:40:00Z",
    "last_used_at": None,
}
_GENERATION = {
    "id": 2,
    "state": "building",
    "model": "mxbai-embed-large",
    "digest": "468836162de7f81e041c43663fedbbba921dcea9b9fefea135685a39b2d83dd8",
    "dimensions": 1024,
    "chunk_size": 400,
    "chunk_overlap": 100,
    "created_at": "2026-03-02T07:00:00Z",
    "documents_total": 120,
    "documents_missing": 38,
    "chunks_total": 21_904,
    "chunks_ready": 20_112,
}
_PLACE = {
    "heading_path": ["Operation", "Limits"],
    "page_number": 31,
    "page_label": "19",
    "line": None,
}
_PASSAGE = {
    "id": "f4a0c6d2-1e8b-4c3d-8a7f-5b6e9d0c1a32",
    "text": "The pump must not run dry for more than thirty seconds.",
    "score": 0.0325,
    "similarity": 0.81,
    "document": {"id": _DOCUMENT_ID, "name": "pumps/handbook.pdf", "language": "en"},
    "heading_path": ["Operation", "Limits"],
    "page_number": 31,
    "page_label": "19",
    "last_page_number": 31,
    "line": None,
    "start": 58_210,
    "end": 58_265,
    "tokens": 18,
    "table_header": None,
    "matches": [{"start": 4, "end": 8}, {"start": 22, "end": 25}],
    "spans": [{"start": 58_210, "end": 58_265}],
    "sections": [{"start": 57_950, **_PLACE}],
    "weak": False,
    "duplicates": [],
    "explain": {
        "dense_rank": 1,
        "dense_score": 0.81,
        "lexical_rank": 2,
        "lexical_score": 7.4,
    },
}
_SEARCH: dict[str, Any] = {
    "query": "how long may the pump run dry?",
    "mode": "hybrid",
    "limit": 5,
    "filters": {"documents": ["pumps/handbook.pdf"], "section": ["Operation"], "first_page": 10},
    "context": 100,
    "max_tokens": 2000,
    "explain": True,
}

EXAMPLES: dict[str, Any] = {
    "NewProject": {"name": "handbooks"},
    "RenamedProject": {"name": "manuals"},
    "Project": _PROJECT,
    "ProjectList": {"projects": [_PROJECT]},
    "ProjectSummary": {
        "statuses": {"embedding": 1, "ready": 212, "failed": 1},
        "with_remarks": 3,
        "size_bytes": 981_446_003,
        "passages_ready": 64_090,
        "passages_total": 64_335,
        "folders": [{"name": "pumps/", "documents": 12}],
    },
    "Document": _DOCUMENT,
    "DocumentText": {
        "document_id": _DOCUMENT_ID,
        "document_name": "pumps/handbook.pdf",
        "characters": 431_077,
        "start": 58_210,
        "end": 58_265,
        "text": "The pump must not run dry for more than thirty seconds.",
        "parts": [{"start": 58_210, "end": 58_265, **_PLACE}],
    },
    "Outline": {
        "document_id": _DOCUMENT_ID,
        "document_name": "pumps/handbook.pdf",
        "headings": [
            {
                "title": "Limits",
                "level": 2,
                "start": 57_950,
                "page_number": 31,
                "page_label": "19",
                "line": None,
            }
        ],
        "next_start": None,
    },
    "Page": {
        "document_id": _DOCUMENT_ID,
        "document_name": "pumps/handbook.pdf",
        "number": 31,
        "label": "19",
        "width": 595.28,
        "height": 841.89,
        "text": {"start": 57_950, "end": 59_811},
        "boxes": [{"left": 72.0, "top": 210.4, "right": 388.2, "bottom": 223.9}],
        "share": 1.0,
    },
    "RenamedDocument": {"name": "pumps/manual.pdf"},
    "DocumentList": {
        "documents": [_DOCUMENT],
        "next_cursor": _CURSOR,
    },
    "SearchRequest": _SEARCH,
    "SearchResponse": {
        "passages": [_PASSAGE],
        "mode": "hybrid",
        "degraded": None,
        "explain": {
            "vectors": "exact",
            "query_windows": 1,
            "milliseconds": {"embed": 14.2, "plan": 2.6, "database": 3.1, "context": 1.4},
        },
    },
    "NewKey": {
        "name": "website",
        "scope": "read",
        "projects": ["handbooks"],
        "expires_at": "2027-03-01T09:40:00Z",
    },
    "Key": _KEY,
    "CreatedKey": {**_KEY, "token": "mirage_" + 43 * "x"},
    "KeyList": {"keys": [_KEY]},
    "Generation": _GENERATION,
    "GenerationList": {"generations": [_GENERATION]},
    "Health": {"status": "ok"},
    "Unhealthy": {
        "status": "unavailable",
        "components": {
            "database": {"state": "ok"},
            "ollama": {
                "state": "embedder unavailable",
                "since": "2026-03-02T06:58:41Z",
                "detail": "Ollama at http://mirage-ollama:11434 does not answer",
                "remedy": "Check that the embedding server is running and `ollama.url` is right.",
            },
            "index": {"state": "ok"},
        },
    },
}
EVENTS = (
    "retry: 3000\n\n"
    'event: document\ndata: {"id":"0b7d6c5e-8f3a-5d1b-b0c4-2a9e8d7f6c10","status":"ready",…}\n\n'
    'event: deleted\ndata: {"id":"0b7d6c5e-8f3a-5d1b-b0c4-2a9e8d7f6c10"}\n\n'
    ": nothing new\n\n"
)
"""A part of the event stream of a project."""
