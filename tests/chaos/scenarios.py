"""What is done to the indexers. Each ends with all work done and compared with `expected`."""

import asyncio
import time
from collections import Counter
from random import Random

from mirage.config import Chunk
from tests.chaos.house import House
from tests.chaos.process import IndexerProcess
from tests.chaos.state import Faults, State

# What the victim shall hold when it is killed; mostly something, for that is what can go wrong.
_AIMS = (*["parsing"] * 3, *["embedding"] * 3, "any moment")
# How long to wait for the victim to hold just that, before anything will do.
_AIM_SECONDS = 10.0
_LONG_LEASE_SECONDS = 600.0

_OTHER_CHUNK = Chunk(size=120, overlap=30)
_BUILD_AIMS = ("cutting", "embedding", "embedding", "any moment")
_BEGIN_SECONDS = 30.0


def say(sentence: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


async def undisturbed(house: House) -> State:
    """One indexer, left alone."""
    database = await house.copy()
    began = time.monotonic()
    state = await house.finish(database, [await house.start(database)])
    outcomes = Counter(status for _, status, *_ in state.documents.values())
    say(
        f"undisturbed: {outcomes['ready']} documents ready, {outcomes['failed']} failed,"
        f" {len(state.chunks)} chunks in {time.monotonic() - began:.0f} s"
    )
    return state


async def killed(house: House, expected: State, random: Random, kills: int) -> Faults:
    """Two indexers side by side; one is killed and started again, over and over.

    When all work is done before the last kill, the result is compared and a new copy begun.
    """
    faults, hits, done = Faults(), Counter[str](), 0
    # All of them in every few kills, in any order.
    aims = [aim for _ in range(kills) for aim in random.sample(_AIMS, len(_AIMS))]
    while done < kills:
        database = await house.copy()
        steady, victim = await house.start(database), await house.start(database)
        while done < kills:
            if not await _wait_for_aim(house, database, victim, aims[done], random):
                break
            held = await house.kill(database, victim)
            done += 1
            hits.update(held.keys() or ("nothing",))
            what = ", ".join(f"{count} in {kind}" for kind, count in held.items())
            say(f"kill {done}/{kills}: held {what or 'nothing'}")
            victim = await house.start(database)
        faults.add(await house.faults(expected, await house.finish(database, [steady, victim])))
        say("all work done and compared")
    say("kills that hit: " + ", ".join(f"{kind} {count}" for kind, count in hits.most_common()))
    if kills >= 10 and not (hits["parsing"] and hits["embedding"]):
        faults.stuck.append("the kills did not hit both parsing and embedding")
    return faults


async def _wait_for_aim(
    house: House, database: str, victim: IndexerProcess, aim: str, random: Random
) -> bool:
    """Wait for a moment to kill; False when all work is done."""
    if aim == "any moment":
        await asyncio.sleep(random.uniform(0, 4))
        return not await house.is_done(database)
    began = time.monotonic()
    while not await house.is_done(database):
        held = await house.held(database, victim)
        if aim in held or (held and time.monotonic() - began > _AIM_SECONDS):
            # A chapter is parsed in some 20 ms, a claim of chunks takes longer.
            await asyncio.sleep(random.uniform(0, 0.01 if "parsing" in held else 0.1))
            return True
        await asyncio.sleep(random.uniform(0, 0.02))
    return False


async def indexed_anew(house: House, expected: State, random: Random, times: int) -> Faults:
    """All documents are indexed anew while indexers are killed; what was found stays found."""
    database = await house.copy()
    await house.finish(database, [await house.start(database) for _ in range(2)])
    await house.reindex_all(database)
    faults, done = Faults(), 0
    steady, victim = await house.start(database), await house.start(database)
    while done < times and await _wait_for_aim(
        house, database, victim, random.choice(_AIMS), random
    ):
        await house.kill(database, victim)
        faults.add(await house.missing(database, expected))
        done += 1
        say(f"kill {done}/{times}: vectors missing meanwhile {len(faults.lost)}")
        victim = await house.start(database)
    faults.add(await house.faults(expected, await house.finish(database, [steady, victim])))
    return faults


async def built_anew(house: House, _: State, random: Random, times: int) -> Faults:
    """Other chunks are made in the background while indexers are killed.

    What was found stays found, and after the switch all is as if nobody had been killed.
    """
    faults, done = Faults(), 0
    settled = await house.copy()
    before = await house.finish(settled, [await house.start(settled)])

    async def begin(count: int) -> tuple[str, list[IndexerProcess]]:
        database = await house.copy(settled)
        indexers = [await house.start(database, chunk=_OTHER_CHUNK) for _ in range(count)]
        if not await house.until(lambda: house.has_begun_to_build(database), _BEGIN_SECONDS):
            faults.stuck.append("other chunk settings began no generation")
        return database, indexers

    expected = await house.finish(*await begin(1))
    database, (steady, victim) = await begin(2)
    while done < times and await _wait_for_aim(
        house, database, victim, random.choice(_BUILD_AIMS), random
    ):
        held = await house.kill(database, victim)
        faults.add(await house.missing(database, before))
        done += 1
        say(f"kill {done}/{times}: held {held}, vectors missing meanwhile {len(faults.lost)}")
        victim = await house.start(database, chunk=_OTHER_CHUNK)
    faults.add(await house.faults(expected, await house.finish(database, [steady, victim])))
    return faults


async def terminated(house: House, expected: State, random: Random, times: int) -> Faults:
    """SIGTERM while it works: it ends at once, and leaves no lease to the next one."""
    faults = Faults()
    database = await house.copy()
    for _ in range(times):
        indexer = await house.start(database, lease_seconds=_LONG_LEASE_SECONDS)
        if not await _wait_for_aim(house, database, indexer, "embedding", random):
            indexer.terminate()
            break
        held = await house.held(database, indexer)
        code = indexer.terminate()
        left = await house.held(database, indexer)
        say(f"SIGTERM while it held {held}: exit code {code}, leases left {left}")
        if code != 0 or left:
            faults.stuck.append(f"after SIGTERM: exit code {code}, leases left {left}")
    last = await house.start(database, lease_seconds=_LONG_LEASE_SECONDS)
    faults.add(await house.faults(expected, await house.finish(database, [last])))
    return faults


async def database_restarted(house: House, expected: State, random: Random, times: int) -> Faults:
    """PostgreSQL is stopped and started under two indexers."""
    database = await house.copy()
    indexers = [await house.start(database) for _ in range(2)]
    done = 0
    while done < times and await _wait_for_aim(house, database, indexers[0], "embedding", random):
        await house.server.stop()
        await asyncio.sleep(random.uniform(0, 2))
        await house.server.start()
        done += 1
        say(f"PostgreSQL was stopped and started {done}/{times}")
    return await house.faults(expected, await house.finish(database, indexers))


async def backends_terminated(house: House, expected: State, random: Random, times: int) -> Faults:
    """All connections of two indexers are ended from the database's side."""
    database = await house.copy()
    indexers = [await house.start(database) for _ in range(2)]
    done = 0
    while done < times and await _wait_for_aim(
        house, database, random.choice(indexers), "embedding", random
    ):
        ended = await house.disconnect(indexers)
        done += 1
        say(f"{ended} backends were terminated {done}/{times}")
        await asyncio.sleep(random.uniform(0, 0.5))
    return await house.faults(expected, await house.finish(database, indexers))


async def embedder_restarted(house: House, expected: State, random: Random, times: int) -> Faults:
    """The embedder goes away and comes back; that it is away can be seen in the database."""
    database = await house.copy()
    indexers = [await house.start(database) for _ in range(2)]
    faults, done = Faults(), 0
    while done < times and await _wait_for_aim(house, database, indexers[0], "embedding", random):
        house.ollama.stop()
        seen = await house.until(lambda: _has_obstacle(house, database), 10)
        if not seen:
            faults.stuck.append("nothing says that the embedder is away")
        house.ollama.start()
        done += 1
        say(f"the embedder was stopped and started {done}/{times}, seen as obstacle: {seen}")
    faults.add(await house.faults(expected, await house.finish(database, indexers)))
    return faults


async def _has_obstacle(house: House, database: str) -> bool:
    return (await house.left(database))["obstacles"] > 0
