"""Requests, which refuse unknown fields, and answers of the API."""

from mirage.api.wire.base import Request, Response
from mirage.api.wire.documents import Document, DocumentList, RenamedDocument
from mirage.api.wire.generations import Generation, GenerationList
from mirage.api.wire.health import ComponentHealth, Health, Unhealthy
from mirage.api.wire.keys import CreatedKey, Key, KeyList, NewKey
from mirage.api.wire.pages import Page, PageBox
from mirage.api.wire.passages import (
    DocumentReference,
    Explanation,
    Passage,
    PassageExplanation,
    SearchResponse,
)
from mirage.api.wire.problems import PROBLEM_TYPE_PREFIX, Problem
from mirage.api.wire.projects import (
    NewProject,
    Project,
    ProjectList,
    ProjectSummary,
    RenamedProject,
)
from mirage.api.wire.search import Filters, SearchRequest
from mirage.api.wire.texts import DocumentText, Heading, Outline, TextPart

__all__ = [
    "PROBLEM_TYPE_PREFIX",
    "ComponentHealth",
    "CreatedKey",
    "Document",
    "DocumentList",
    "DocumentReference",
    "DocumentText",
    "Explanation",
    "Filters",
    "Generation",
    "GenerationList",
    "Heading",
    "Health",
    "Key",
    "KeyList",
    "NewKey",
    "NewProject",
    "Outline",
    "Page",
    "PageBox",
    "Passage",
    "PassageExplanation",
    "Problem",
    "Project",
    "ProjectList",
    "ProjectSummary",
    "RenamedDocument",
    "RenamedProject",
    "Request",
    "Response",
    "SearchRequest",
    "SearchResponse",
    "TextPart",
    "Unhealthy",
]
