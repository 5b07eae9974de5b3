import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import mirage
from mirage.errors import (
    Blank,
    Damaged,
    Encrypted,
    ParserKilled,
    StorageUnavailable,
    UnsafeArchive,
)
from mirage.model import MediaType
from mirage.parse import Sandbox, parse, sandbox
from mirage.testing import make_pdf, make_zip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MIB = 1024 * 1024
DEADLINE_SECONDS = 20


@pytest.fixture
async def generous() -> AsyncIterator[Sandbox]:
    opened = Sandbox(timeout_seconds=60, cpu_seconds=60, memory_bytes=512 * MIB)
    yield opened
    await opened.aclose()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return make_pdf(tmp_path / "small.pdf", [["A small page."]])


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Takes several seconds to parse."""
    path = tmp_path / "endless.md"
    path.write_text("# *Title* `of` [it](x)\n\nText.\n\n" * 100_000)
    return path


async def test_sandbox_gives_what_the_parser_gives(generous: Sandbox, tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [["One"], [("Zwei – 2", 72, 700)]],
        title="Größe",
        outline=[("Zwei", 0, 1, 720)],
        labels={0: "ROMAN_LOWER"},
    )
    assert await generous.parse(path, MediaType.PDF) == parse(path, MediaType.PDF)


async def test_sandbox_passes_verdicts_on(generous: Sandbox, tmp_path: Path) -> None:
    locked = make_pdf(tmp_path / "locked.pdf", [["x"]], password="open")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(Encrypted, match="opens with a password only"):
        await generous.parse(locked, MediaType.PDF)
    with pytest.raises(Damaged, match="damaged"):
        await generous.parse(broken, MediaType.PDF)
    blank = tmp_path / "blank.txt"
    blank.write_bytes(b" \n")
    with pytest.raises(Blank) as caught:
        await generous.parse(blank, MediaType.TEXT)
    assert "OCR" not in caught.value.remedy()


async def test_archive_that_reaches_out_keeps_its_remedy(generous: Sandbox, tmp_path: Path) -> None:
    path = make_zip(tmp_path / "out.docx", {"[Content_Types].xml": "<Types/>", "../x": "x"})
    with pytest.raises(UnsafeArchive, match="reaches out of its folder") as caught:
        await generous.parse(path, MediaType.DOCX)
    assert caught.value.remedy() == UnsafeArchive("").remedy()


async def test_missing_file_is_no_verdict_on_the_document(
    generous: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(StorageUnavailable) as caught:
        await generous.parse(tmp_path / "gone.pdf", MediaType.PDF)
    assert str(caught.value) == "the document's file cannot be read: No such file or directory"


async def test_child_stays_warm_and_is_replaced_in_time(
    generous: Sandbox, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "DOCUMENTS_PER_CHILD", 2)
    seen = []
    for _ in range(4):
        await generous.parse(small, MediaType.PDF)
        seen += children()
    assert seen[0] == seen[1] != seen[2] == seen[3]


async def test_child_that_died_while_idle_is_replaced(generous: Sandbox, small: Path) -> None:
    await generous.parse(small, MediaType.PDF)
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    assert (await generous.parse(small, MediaType.PDF)).page_count == 1


async def test_calls_at_once_take_turns(generous: Sandbox, small: Path) -> None:
    parsed = await asyncio.gather(*(generous.parse(small, MediaType.PDF) for _ in range(5)))
    assert {one.sections[0].text for one in parsed} == {"A small page."}
    assert len(children()) == 1


async def test_hang_is_ended_by_the_clock(small: Path, endless: Path) -> None:
    hasty = Sandbox(timeout_seconds=1, cpu_seconds=60, memory_bytes=512 * MIB)
    with pytest.raises(ParserKilled) as caught:
        await hasty.parse(endless, MediaType.MARKDOWN)
    assert str(caught.value) == "The parser was stopped after 1 seconds."
    assert children() == []
    assert (await hasty.parse(small, MediaType.PDF)).page_count == 1
    await hasty.aclose()


async def test_computing_is_limited_per_document(small: Path, endless: Path) -> None:
    frugal = Sandbox(timeout_seconds=60, cpu_seconds=1, memory_bytes=512 * MIB)
    with pytest.raises(ParserKilled) as caught:
        await frugal.parse(endless, MediaType.MARKDOWN)
    assert str(caught.value) == "The parser was stopped after 1 seconds of computing."
    assert (await frugal.parse(small, MediaType.PDF)).page_count == 1
    await frugal.aclose()


async def test_memory_is_limited(small: Path, tmp_path: Path) -> None:
    narrow = Sandbox(timeout_seconds=60, cpu_seconds=60, memory_bytes=128 * MIB)
    large = tmp_path / "large.txt"
    large.write_bytes(b"word " * (20 * MIB))
    with pytest.raises(ParserKilled) as caught:
        await narrow.parse(large, MediaType.TEXT)
    assert str(caught.value) == "The parser needs more than 128 MiB of memory."
    assert (await narrow.parse(small, MediaType.PDF)).page_count == 1
    await narrow.aclose()


async def test_large_parent_does_not_make_its_child_look_large(
    generous: Sandbox, small: Path
) -> None:
    held = b"x" * (300 * MIB)  # More than half of what the child may take.
    await generous.parse(small, MediaType.PDF)
    first = children()
    await generous.parse(small, MediaType.PDF)
    assert children() == first != []
    assert len(held) == 300 * MIB


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (signal.SIGSEGV, "The parser crashed (SIGSEGV), as happens on damage and beyond 512 MiB"),
        (signal.SIGKILL, "The parser was killed from outside (SIGKILL), as happens when memory"),
    ],
)
async def test_crash_fails_one_document_only(
    generous: Sandbox, small: Path, endless: Path, number: signal.Signals, sentence: str
) -> None:
    await generous.parse(small, MediaType.PDF)
    (child,) = children()
    before = cpu_ticks(child)
    parsing = asyncio.create_task(generous.parse(endless, MediaType.MARKDOWN))
    await until(lambda: cpu_ticks(child) > before + 10)
    os.kill(child, number)
    with pytest.raises(ParserKilled) as caught:
        await parsing
    assert str(caught.value).startswith(sentence)
    assert (await generous.parse(small, MediaType.PDF)).page_count == 1


async def test_cancelling_ends_the_child(generous: Sandbox, small: Path, endless: Path) -> None:
    parsing = asyncio.create_task(generous.parse(endless, MediaType.MARKDOWN))
    await until(children)
    parsing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await parsing
    assert children() == []
    assert (await generous.parse(small, MediaType.PDF)).page_count == 1


async def test_child_knows_no_secret_and_has_a_session_of_its_own(
    generous: Sandbox, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRAGE_DATABASE_PASSWORD", "sesame")
    await generous.parse(small, MediaType.PDF)
    (child,) = children()
    assert b"sesame" not in look(child, "environ")
    assert os.getsid(child) == child


async def test_what_a_parser_prints_does_not_reach_the_answers(
    generous: Sandbox, small: Path
) -> None:
    await generous.parse(small, MediaType.PDF)
    (child,) = children()
    streams = [stream(child, number) for number in range(3)]
    assert streams[0] == "/dev/null"
    assert streams[1] == streams[2]


async def test_aclose_leaves_no_child(generous: Sandbox, small: Path) -> None:
    await generous.parse(small, MediaType.PDF)
    await generous.aclose()
    assert children() == []


async def test_child_ends_when_its_parent_is_killed(endless: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from mirage.model import MediaType; from mirage.parse import Sandbox\n"
        "asyncio.run(Sandbox(60, 60, 1 << 29).parse(Path(sys.argv[1]), MediaType.MARKDOWN))"
    )
    root = str(Path(mirage.__file__).parents[1])
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(endless)), env={"PYTHONPATH": root}
    )
    await until(lambda: any(cpu_ticks(child) > 20 for child in children(parent.pid)))
    (child,) = children(parent.pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(child))


def children(parent: int | None = None) -> list[int]:
    """Process ids of the running children of a process, by default of this one."""
    parent = parent or os.getpid()
    found = [
        child
        for tasks in Path(f"/proc/{parent}/task").glob("*/children")
        for child in map(int, tasks.read_text().split())
    ]
    return [
        child for child in found if is_alive(child) and b"parse.child" in look(child, "cmdline")
    ]


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def look(process: int, what: str) -> bytes:
    return Path(f"/proc/{process}/{what}").read_bytes()


def stream(process: int, number: int) -> str:
    return str(Path(f"/proc/{process}/fd/{number}").readlink())


def cpu_ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)
