"""The process that parses: `python -m mirage.parse.sandbox.child CPU_SECONDS MEMORY_BYTES`.

It reads requests from its standard input, answers on its standard output (see `frames`) and ends
when the input does, that is when its parent is gone.
"""

import contextlib
import gc
import os
import queue
import resource
import sys
import threading
import traceback
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

# macOS knows no limit of memory; the other limits hold there.
_REFUSED_BY_SYSTEM = (ValueError, OSError) if sys.platform == "darwin" else ()


def main(cpu_seconds: int, memory_bytes: int) -> None:
    """Serve until the input ends."""
    requests_file, replies = _take_standard_streams()
    for module in (*(row.parser for row in FORMATS), LANGUAGE):
        import_module(module)
    _limit(resource.RLIMIT_CORE, 0)
    # A warm child has 65 MiB of address space, 36 of them data: the stricter of the two limits
    # costs little, and it holds for mapped files as well.
    with contextlib.suppress(*_REFUSED_BY_SYSTEM):
        _limit(resource.RLIMIT_AS, memory_bytes)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests_file, requests), daemon=True).start()
    while True:
        request = requests.get()
        _limit(resource.RLIMIT_CPU, _used_cpu_seconds() + cpu_seconds)
        replies.write(encode({"begun": True}))
        replies.flush()
        last = answer(
            replies, Path(request["path"]), MediaType(request["media_type"]), memory_bytes
        )
        replies.flush()
        gc.collect()
        # A process does not give back all it took: a new one is better than one that stays large.
        if last or _peak_bytes() > memory_bytes / 2:
            os._exit(0)


def answer(replies: IO[bytes], path: Path, media_type: MediaType, memory_bytes: int) -> bool:
    """Parse and reply; True when the process should not go on."""
    try:
        parsed = parse(path, media_type)
        size = sum(len(section.text.encode("utf-8", "replace")) for section in parsed.sections)
        if size > MAX_TEXT_BYTES:
            raise Unreadable(
                f"The document holds {size // MIB} MiB of text; "
                f"at most {MAX_TEXT_BYTES // MIB} MiB are accepted."
            )
        for section in parsed.sections:
            replies.write(encode_section(section))
        replies.write(encode_parsed(parsed))
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


def _take_standard_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep both pipes for the frames; whatever a library prints goes to standard error."""
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
    """Largest resident size of this program; on Linux `ru_maxrss` would tell its parent's too."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
