"""`make bench`: one table of ratios. Arguments name the parts to run; none means all."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from mirage.evaluation import load_collection
from tests.bench import backup, charset, growth, ingest, memory, retrieval, searching
from tests.bench.house import House
from tests.bench.table import Row, show

_LONG = {"million"}  # Takes more than half an hour.


async def main(names: list[str], data: Path, ollama_url: str) -> None:
    """Run the parts that are named, and print what they found."""
    collection = load_collection(data / "cranfield")
    library = data / "library"
    parts: dict[str, Callable[[House], Awaitable[list[Row]]]] = {
        "retrieval": lambda house: retrieval.run(house, collection, data / "cranfield"),
        "ingest": lambda house: ingest.run(house, library),
        "searching": lambda house: searching.run(house, collection),
        "growth": lambda house: growth.run(house, collection, (10_000, 100_000)),
        "million": lambda house: growth.run(house, collection, (1_000_000,)),
        "memory": lambda house: memory.run(house, library),
        "backup": lambda house: backup.run(house, collection),
        "charset": _score_charset,
    }
    if unknown := set(names) - parts.keys():
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    folder = Path(tempfile.mkdtemp(prefix="mirage-bench-"))
    folder.chmod(0o755)  # As root the server is `nobody`.
    house = House(folder, ollama_url)
    await house.server.start()
    rows: list[Row] = []
    try:
        for name in names or [name for name in parts if name not in _LONG]:
            print(f"{name} …", file=sys.stderr)
            rows += await parts[name](house)
    finally:
        await house.server.stop()
        shutil.rmtree(folder)
        if rows:
            show(rows)


async def _score_charset(house: House) -> list[Row]:
    return charset.run()


if __name__ == "__main__":
    if sys.argv[1:] == ["charset"]:  # Needs neither real documents nor Ollama.
        show(charset.run())
        sys.exit()
    try:
        data, url = Path(os.environ["MIRAGE_TEST_DATA"]), os.environ["MIRAGE_TEST_OLLAMA_URL"]
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set; it is needed to compare with the real thing")
    asyncio.run(main(sys.argv[1:], data, url))
