"""The status page: who sees what, and what the last hour looks like."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
from fastapi import FastAPI

from mirage.errors import EmbedderUnavailable
from mirage.testing import FakeEmbedder
from mirage.web.history import HEIGHT, WIDTH, History, Sample, line
from tests.api.conftest import DEADLINE_SECONDS, Index
from tests.web.conftest import Page, browser_with_key, call, serving

START = datetime(2026, 3, 1, tzinfo=UTC)


def _history(*samples: tuple[int, int]) -> History:
    """Return a history with a sample per minute: what waits, and what is ready."""
    history = History()
    for minute, (waiting, ready) in enumerate(samples):
        history.samples.append(Sample(START + timedelta(minutes=minute), waiting, ready))
    return history


async def test_status_counts_work_and_names_the_index(
    app: FastAPI, browser: httpx.AsyncClient, index: Index
) -> None:
    await call(app, "POST", "/api/v1/projects", json={"name": "books"})
    path = "/api/v1/projects/books/documents"
    await call(app, "POST", path, files={"file": ("a.txt", b"A pump.")})
    await index()
    page = await browser.get("/status")
    assert page.status_code == 200
    text = " ".join(Page(page.text).text.split())
    assert "Everything works." in text
    assert "Documents ready 1" in text
    assert "Passages ready 1 Passages waiting 0" in text
    assert "Generation 1: " in text
    assert "<svg" not in page.text
    # Only what failed is in the colour of failures.
    assert re.findall(r'<dd class="(\w+)">([\d,]+)<', page.text) == [("ready", "1"), ("ready", "1")]


async def test_failure_has_its_remedy_for_administrators_only(
    app: FastAPI, browser: httpx.AsyncClient, embedder: FakeEmbedder
) -> None:
    await call(app, "POST", "/api/v1/projects", json={"name": "books"})
    embedder.failure = EmbedderUnavailable("Ollama at <secret address> does not answer")
    page = await browser.get("/status")
    assert page.status_code == 200
    assert "1 component does not work." in page.text
    assert "Ollama at &lt;secret address&gt; does not answer" in page.text
    for limit in ({"scope": "write"}, {"scope": "admin", "projects": ["books"]}):
        other = await browser_with_key(app, **{"name": str(limit), **limit})
        seen = await other.get("/status")
        assert "1 component does not work." in seen.text
        assert "secret address" not in seen.text
        assert ("Documents ready" in seen.text) == ("projects" not in limit)


async def test_hour_is_a_picture_with_a_sentence(app: FastAPI, browser: httpx.AsyncClient) -> None:
    app.state.site.history.samples.extend(_history((30, 0), (20, 10), (0, 1030)).samples)
    page = await browser.get("/status")
    assert page.text.count('<svg role="img"') == 2
    assert 'aria-label="Passages that wait: at most 30, now 0"' in page.text
    assert 'aria-label="Passages per minute: at most 1,020, now 1,020"' in page.text


async def test_history_is_kept_while_the_page_is_served(app: FastAPI) -> None:
    async with serving(app), asyncio.timeout(DEADLINE_SECONDS):
        while not app.state.site.history.samples:
            await asyncio.sleep(0.01)
    assert app.state.site.history.samples[0].waiting == 0


def test_time_left_follows_the_rate_of_the_last_minutes() -> None:
    assert _history((100, 0), (90, 10), (80, 20)).minutes_left == 8
    assert _history((100, 0), (99, 2)).minutes_left == 50
    assert _history((1, 0), (1, 600)).minutes_left == 1
    fast_long_ago = [(1000 - 100 * n, 100 * n) for n in range(9)] + [
        (100, 900 + n) for n in range(11)
    ]
    assert _history(*fast_long_ago).minutes_left == 100


def test_time_left_is_unknown_without_a_rate_or_work() -> None:
    assert History().minutes_left is None
    assert _history((5, 0)).minutes_left is None
    assert _history((5, 3), (5, 3)).minutes_left is None
    assert _history((5, 3), (0, 8)).minutes_left is None


def test_deleted_passages_are_no_negative_rate() -> None:
    assert _history((0, 100), (0, 40), (0, 50)).per_minute == [0.0, 10.0]


def test_line_goes_from_left_to_right_with_the_largest_value_at_the_top() -> None:
    assert line([0, 5, 10]) == f"0.0,{HEIGHT}.0 {WIDTH // 2}.0,{HEIGHT / 2} {WIDTH}.0,0.0"
    assert line([0, 0]) == f"0.0,{HEIGHT}.0 {WIDTH}.0,{HEIGHT}.0"
    assert line([1]) == line([]) == ""
