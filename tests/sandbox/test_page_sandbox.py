"""The child that shows pages: it is bounded, and ends when nobody asks."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from mirage.errors import Damaged, ParserKilled
from mirage.parse.sandbox import pages
from mirage.parse.sandbox.pages import PageSandbox, PagesBusy
from mirage.testing import make_pdf
from tests.sandbox.test_sandbox import child_that_answers, children, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MIB = 1024 * 1024


@pytest.fixture
async def sandbox() -> AsyncIterator[PageSandbox]:
    opened = PageSandbox()
    yield opened
    await opened.aclose()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return make_pdf(tmp_path / "a.pdf", [["Lamps burn oil."]])


async def test_page_is_drawn_and_its_text_found(sandbox: PageSandbox, page: Path) -> None:
    picture = await sandbox.draw(page, 1, 900)
    assert (picture[:4], picture[8:12]) == (b"RIFF", b"WEBP")
    places = await sandbox.find(page, 1, "Lamps burn oil.", (0, 5))
    assert (len(places.boxes), places.share) == (1, 1.0)
    (child,) = children()
    resident = int(Path(f"/proc/{child}/status").read_text().partition("VmRSS:")[2].split()[0])
    assert resident < 80 * 1024


async def test_child_ends_when_nobody_asks(page: Path) -> None:
    sandbox = PageSandbox(idle_seconds=0.05)
    await sandbox.draw(page, 1, 900)
    await until(lambda: children() == [])
    assert await sandbox.draw(page, 1, 900)  # It starts again.
    await sandbox.aclose()


async def test_verdict_leaves_the_child_alive(
    sandbox: PageSandbox, page: Path, tmp_path: Path
) -> None:
    await sandbox.draw(page, 1, 900)
    before = children()
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 nonsense")
    with pytest.raises(Damaged):
        await sandbox.draw(tmp_path / "b.pdf", 1, 900)
    assert children() == before


async def test_page_that_takes_too_long_is_stopped(
    sandbox: PageSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reportlab.pdfgen.canvas import Canvas

    heavy = Canvas(str(tmp_path / "heavy.pdf"), pagesize=(20_000, 20_000))
    heavy.setFillAlpha(0.5)
    for _ in range(200_000):
        heavy.circle(10_000, 10_000, 9_000, fill=1)
    heavy.save()
    monkeypatch.setattr(sandbox, "_cpu_seconds", 1)
    with pytest.raises(ParserKilled, match=r"CPU time|more memory than 256 MiB"):
        await sandbox.draw(tmp_path / "heavy.pdf", 1, 1400)
    await until(lambda: children() == [])


async def test_crowd_is_refused(
    sandbox: PageSandbox, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MAX_WAITING", 2)
    asked = await asyncio.gather(
        *(sandbox.draw(page, 1, 900) for _ in range(4)), return_exceptions=True
    )
    assert [type(answer) for answer in asked] == [bytes, bytes, PagesBusy, PagesBusy]


@pytest.mark.parametrize(
    "answer",
    [
        b'{"picture": 1}',
        b'{"picture": "AAAA"}',
        b'{"picture": "\xc3\xa9"}',
        b'{"places": {}}',
        b"[]",
        b'{"parsed": {}}',
    ],
)
async def test_picture_that_makes_no_sense_ends_the_child(
    sandbox: PageSandbox,
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", child_that_answers(tmp_path / "child", answer))
        with pytest.raises(ParserKilled, match="makes no sense"):
            await sandbox.draw(page, 1, 900)
    assert children() == []


@pytest.mark.parametrize(
    "places",
    [
        '{"width": NaN, "height": 1, "label": null, "boxes": [], "share": null}',
        '{"width": 1, "height": 1, "label": 5, "boxes": [], "share": null}',
        '{"width": 1, "height": 1, "label": null, "boxes": [[1, 2, 3]], "share": null}',
        '{"width": 1, "height": 1, "label": null, "boxes": {}, "share": null}',
        '{"width": true, "height": 1, "label": null, "boxes": [], "share": null}',
    ],
)
async def test_places_that_make_no_sense_end_the_child(
    sandbox: PageSandbox,
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    places: str,
) -> None:
    answer = f'{{"places": {places}}}'.encode()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", child_that_answers(tmp_path / "child", answer))
        with pytest.raises(ParserKilled, match="makes no sense"):
            await sandbox.find(page, 1, "Lamps", (0, 5))
    assert children() == []


async def test_child_that_died_is_replaced(sandbox: PageSandbox, page: Path) -> None:
    await sandbox.draw(page, 1, 900)
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    assert await sandbox.draw(page, 1, 900)


async def test_highest_page_of_print_is_drawn_within_its_memory(
    sandbox: PageSandbox, tmp_path: Path
) -> None:
    lines = [(f"Line {number} of a receipt.", 40, 14_000 - 14 * number) for number in range(990)]
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(4_660, 14_000))
    canvas.setFont("Helvetica", 40)
    for text, x, y in lines:
        canvas.drawString(x, y, text * 8)
    canvas.save()
    picture = await sandbox.draw(tmp_path / "a.pdf", 1, 1400)
    assert picture[8:12] == b"WEBP"
