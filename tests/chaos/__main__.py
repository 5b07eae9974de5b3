"""`python -m tests.chaos KILLS [SEED]`: ends with `kills N lost L duplicated D stuck S`."""

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.chaos import scenarios
from tests.chaos.corpus import corpus
from tests.chaos.house import House
from tests.chaos.scenarios import say
from tests.chaos.state import Faults

_SHOWN = 20


async def run(kills: int, seed: int) -> int:
    """The exit code: 0 when nothing was lost, nothing is there twice, nothing is stuck."""
    random = Random(seed)  # noqa: S311  not a secret
    say(f"seed {seed}")
    # Not a folder that is closed to others: as root the server is `nobody`.
    folder = Path(tempfile.mkdtemp(prefix="mirage-chaos-"))
    folder.chmod(0o755)
    house = House(folder)
    faults = Faults()
    try:
        await house.open(corpus(folder / "made"))
        expected = await scenarios.undisturbed(house)
        if expected.unfinished["documents"]:
            faults.stuck.append("even the undisturbed run did not end")
        faults.add(await scenarios.killed(house, expected, random, kills))
        for scenario, times in (
            (scenarios.indexed_anew, 5),
            (scenarios.built_anew, 8),
            (scenarios.terminated, 4),
            (scenarios.database_restarted, 3),
            (scenarios.backends_terminated, 8),
            (scenarios.embedder_restarted, 3),
        ):
            say(scenario.__name__.replace("_", " "))
            faults.add(await scenario(house, expected, random, times))
        faults.stuck += house.ended
        say(f"texts found too long and halved: {house.ollama.refused_as_too_long}")
    finally:
        await house.close()
    for kind in ("lost", "duplicated", "stuck"):
        for sentence in getattr(faults, kind)[:_SHOWN]:
            say(f"{kind}: {sentence}")
    if faults:
        say(f"the indexers' logs are in {folder}")
    else:
        shutil.rmtree(folder)
    print(
        f"kills {kills} lost {len(faults.lost)} duplicated {len(faults.duplicated)}"
        f" stuck {len(faults.stuck)}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    seconds = int(time.time())
    sys.exit(
        asyncio.run(
            run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else seconds % 100_000)
        )
    )
