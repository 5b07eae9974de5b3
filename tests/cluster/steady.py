"""A client that searches and uploads all the time, and remembers each request that failed."""

import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import httpx

from tests.cluster.release import API_KEY, Release
from tests.cluster.shell import until

_PAUSE_SECONDS = 0.1


@dataclass
class Seen:
    """What the client saw until now."""

    answers: Counter[str] = field(default_factory=Counter)
    """Successful requests, by what they were for."""
    failures: list[str] = field(default_factory=list)
    """Time and sentence of each request that failed."""

    def wait_for_more(self, what: str, more: int) -> None:
        """Until `more` requests succeeded from now on; fails if one fails."""
        enough = self.answers[what] + more
        until(lambda: self.failures or self.answers[what] >= enough, f"{more} times {what}")
        assert self.failures == []


@contextmanager
def steady_client(release: Release, *, documents: int | None = None) -> Iterator[Seen]:
    """Search and upload through the Ingress, each in its own thread, until the block ends.

    One thread searches on a connection that it keeps, one on a new connection each time. With
    `documents` the uploads replace so many ones, also those of an earlier block, so that the index
    does not grow.
    """
    seen = Seen()
    stop = threading.Event()
    project = "steady" if documents else f"steady-{uuid4().hex[:8]}"
    with _client(release) as client:
        made = client.post("/api/v1/projects", json={"name": project})
        if not (documents and made.status_code == httpx.codes.CONFLICT):
            made.raise_for_status()

    def searching(*, keeps: bool) -> None:
        query = {"query": "steady", "mode": "hybrid"}
        client = _client(release)
        while not stop.wait(_PAUSE_SECONDS):
            if not keeps:
                client.close()
                client = _client(release)
            _ask(client, seen, "search", f"/api/v1/projects/{project}/search", json=query)
        client.close()

    def uploading() -> None:
        path = f"/api/v1/projects/{project}/documents"
        with _client(release) as client:
            for number in count():
                if stop.wait(_PAUSE_SECONDS):
                    return
                name = f"{number % documents if documents else number}.txt"
                file = (name, f"A steady text with the number {number}.".encode())
                _ask(client, seen, "upload", path, files={"file": file})

    threads = [
        threading.Thread(target=searching, kwargs={"keeps": True}),
        threading.Thread(target=searching, kwargs={"keeps": False}),
        threading.Thread(target=uploading),
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        print(f"answered: {dict(seen.answers)}, failed: {seen.failures}", flush=True)


def _ask(client: httpx.Client, seen: Seen, what: str, path: str, **body: object) -> None:
    try:
        answer = client.post(path, **body)  # type: ignore[arg-type]
    except httpx.TransportError as error:
        seen.failures.append(f"{datetime.now(UTC):%T} {what}: {error!r}")
        return
    if answer.is_success:
        seen.answers[what] += 1
    else:
        seen.failures.append(
            f"{datetime.now(UTC):%T} {what}: {answer.status_code} {answer.text[:200]}"
        )


def _client(release: Release) -> httpx.Client:
    # The Ingress finds the release by the name in TLS and in the header.
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    client = httpx.Client(
        base_url=f"https://{release.ingress}",
        headers={"Host": release.host, "X-API-Key": API_KEY},
        verify=trusting,
        timeout=60,
    )

    def name_the_release(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = release.host

    client.event_hooks["request"].append(name_the_release)
    return client
