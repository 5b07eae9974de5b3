"""Runs the process that parses, or the one that shows pages.

`python -m mirage.parse.sandbox.child CPU_SECONDS MEMORY_BYTES documents|pages`

The child reads requests from its standard input, answers on its standard output (see `frames`) and
exits at the end of the input, that is once its parent has exited.
"""

import base64
import contextlib
import gc
import os
import queue
import resource
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from mirage.errors import ParserKilled, Unreadable
from mirage.model import MediaType
from mirage.parse import LANGUAGE, parse
from mirage.parse.formats import FORMATS
from mirage.parse.sandbox.frames import (
    LENGTH,
    MAX_TEXT_BYTES,
    MIB,
    decode,
    encode,
    encode_parsed,
    encode_refusal,
    encode_section,
)

_PAGES = ("mirage.parse.pdf.places", "mirage.parse.pdf.sheet", "PIL.WebPImagePlugin")
_MODULES = {"documents": (*(row.parser for row in FORMATS), LANGUAGE), "pages": _PAGES}
# macOS has no memory limit; the other limits hold there.
_REFUSED_BY_SYSTEM = (ValueError, OSError) if sys.platform == "darwin" else ()


def main(cpu_seconds: int, memory_bytes: int, task: str) -> None:
    """Answer requests until the input ends."""
    requests_file, replies = _take_standard_streams()
    for module in _MODULES[task]:
        import_module(module)
    _limit(resource.RLIMIT_CORE, 0)
    # A warm child has 65 MiB of address space, 36 of them data. The limit of address space is the
    # stricter one and costs little, and it covers mapped files.
    with contextlib.suppress(*_REFUSED_BY_SYSTEM):
        _limit(resource.RLIMIT_AS, memory_bytes)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests_file, requests), daemon=True).start()
    while True:
        request = requests.get()
        _limit(resource.RLIMIT_CPU, _used_cpu_seconds() + cpu_seconds)
        replies.write(encode({"begun": True}))
        replies.flush()
        last = answer(replies, request, memory_bytes)
        replies.flush()
        gc.collect()
        # A process does not return all memory that it took, so a large one is replaced.
        if last or _peak_bytes() > memory_bytes / 2:
            os._exit(0)


def answer(replies: IO[bytes], request: dict[str, Any], memory_bytes: int) -> bool:
    """Do what a request asks for and reply. Return whether the process should exit."""
    path = Path(request["path"])
    try:
        if "width" in request:
            replies.write(_picture(path, request))
        elif "page" in request:
            replies.write(_places(path, request))
        else:
            for frame in _parsed(path, MediaType(request["media_type"])):
                replies.write(frame)
    except Unreadable as error:
        replies.write(encode_refusal(error))
    except MemoryError:
        limit = f"{memory_bytes // MIB} MiB"
        replies.write(
            encode_refusal(ParserKilled(f"The parser needs more than {limit} of memory."))
        )
        return True
    except OSError as error:
        replies.write(encode({"unread": {"reason": error.strerror or type(error).__name__}}))
    except Exception as error:
        failed = {"kind": type(error).__name__, "trace": traceback.format_exc(limit=-20)}
        replies.write(encode({"failed": failed}))
    return False


def _parsed(path: Path, media_type: MediaType) -> Iterator[bytes]:
    parsed = parse(path, media_type)
    size = sum(len(section.text.encode("utf-8", "replace")) for section in parsed.sections)
    if size > MAX_TEXT_BYTES:
        raise Unreadable(
            f"The document contains {size // MIB} MiB of text; "
            f"at most {MAX_TEXT_BYTES // MIB} MiB are accepted."
        )
    yield from map(encode_section, parsed.sections)
    yield encode_parsed(parsed)


def _picture(path: Path, request: dict[str, Any]) -> bytes:
    from mirage.parse.pdf.sheet import draw_sheet

    picture = draw_sheet(path, request["page"], request["width"])
    return encode({"picture": base64.b64encode(picture).decode()})


def _places(path: Path, request: dict[str, Any]) -> bytes:
    from mirage.parse.pdf.places import find_places

    span = request["start"], request["end"]
    return encode({"places": asdict(find_places(path, request["page"], request["text"], span))})


def _take_standard_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Reserve both pipes for the frames; a library's output goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _listen(file: IO[bytes], requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    while header := file.read(LENGTH.size):
        (length,) = LENGTH.unpack(header)
        requests.put(decode(file.read(length)))
    os._exit(0)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _used_cpu_seconds() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int(usage.ru_utime + usage.ru_stime) + 1


def _peak_bytes() -> int:
    """Return the largest resident size of this process.

    On Linux `ru_maxrss` is not used because it includes the parent's size.
    """
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
