"""Keys, projects, health, and what an unknown path gets."""

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from mirage.api import create_app
from mirage.api.http.body_limit import MAX_BODY_BYTES
from mirage.db import Database
from mirage.errors import ConfigError, EmbedderUnavailable, ModelMissing
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from tests.api.conftest import KEY


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"X-API-Key": KEY}, 200),
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic a2V5"}, 401),
        ({"X-API-Key": ""}, 401),
        ({"X-API-Key": "schlüssel"}, 401),
    ],
)
async def test_every_route_of_the_api_wants_the_key(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    client.headers.pop("X-API-Key")
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await client.get("/api/v1/projects", headers=sent)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["type"] == "urn:mirage:problem:unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_long_body_is_refused_before_it_fills_the_memory(client: httpx.AsyncClient) -> None:
    client.headers.pop("X-API-Key")
    answer = await client.post("/api/v1/projects", json={"name": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_longest_query_is_taken_in_the_longest_spelling(
    client: httpx.AsyncClient, shelf: str
) -> None:
    # Each of 8,192 characters in two escapes of six bytes.
    body = '{"mode": "lexical", "query": "' + r"\ud83d\udcda" * 8192 + '"}'
    answer = await client.post(
        f"{shelf}/search", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text


def test_api_without_a_key_does_not_start() -> None:
    with pytest.raises(ConfigError, match="MIRAGE_API_KEY must be set"):
        create_app(load_settings())


async def test_project_is_addressed_by_name_or_id(client: httpx.AsyncClient, shelf: str) -> None:
    project = (await client.get(shelf)).json()
    assert (await client.get(f"/api/v1/projects/{project['id']}")).json() == project
    listed = (await client.get("/api/v1/projects")).json()
    assert listed["projects"] == [project]


async def test_project_name_is_taken_once(client: httpx.AsyncClient, shelf: str) -> None:
    answer = await client.post("/api/v1/projects", json={"name": "shelf"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:mirage:problem:project-exists")


async def test_project_name_is_one_however_it_is_composed(client: httpx.AsyncClient) -> None:
    made = await client.post("/api/v1/projects", json={"name": "cafe\u0301"})
    assert made.json()["name"] == "caf\u00e9"
    for name in ("cafe\u0301", "caf\u00e9"):
        assert (await client.get(f"/api/v1/projects/{name}")).json() == made.json()
        again = await client.post("/api/v1/projects", json={"name": name})
        assert again.status_code == 409


async def test_project_named_as_was_allowed_before_is_found(
    client: httpx.AsyncClient, shelf: str, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE project SET name = E'cafe\\u0301\\u200f'"))
    found = await client.get("/api/v1/projects/cafe\u0301\u200f")
    assert found.status_code == 200


async def test_renamed_project_keeps_its_id(client: httpx.AsyncClient, shelf: str) -> None:
    before = (await client.get(shelf)).json()
    renamed = await client.patch(shelf, json={"name": "manuals"})
    assert (renamed.status_code, renamed.json()) == (200, before | {"name": "manuals"})
    assert (await client.get("/api/v1/projects/manuals")).json() == renamed.json()
    assert (await client.get(shelf)).status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("taken", 409, "project-exists"), ("a/b", 422, "invalid-name"), ("", 422, "invalid-name")],
)
async def test_project_is_not_renamed_to_what_it_cannot_be(
    client: httpx.AsyncClient, shelf: str, name: str, status: int, code: str
) -> None:
    await client.post("/api/v1/projects", json={"name": "taken"})
    answer = await client.patch(shelf, json={"name": name})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:mirage:problem:{code}")
    assert (await client.get(shelf)).json()["name"] == "shelf"


async def test_deleted_project_is_gone(client: httpx.AsyncClient, shelf: str) -> None:
    assert (await client.delete(shelf)).status_code == 204
    assert (await client.get(shelf)).json()["type"] == "urn:mirage:problem:project-not-found"


@pytest.mark.parametrize(
    "path", ["/api/v1/projects/a%00b", "/api/v1/projects/%ff", "/api/v1/projects/x/documents",
             "/api/v1/nothing", "/nothing"],
)  # fmt: skip
async def test_unknown_path_is_a_404_with_a_sentence(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["remedy"]


async def test_document_id_that_is_none_is_refused(client: httpx.AsyncClient, shelf: str) -> None:
    assert (await client.get(f"{shelf}/documents/not-an-id")).status_code == 422


async def test_health_is_ok_for_people_without_a_key(client: httpx.AsyncClient) -> None:
    client.headers.pop("X-API-Key")
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_health_names_states_to_all_and_details_to_holders_of_the_key(
    client: httpx.AsyncClient, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("no answer from http://secret-host:11434")
    full = await client.get("/health")
    assert full.status_code == 503
    assert full.json()["components"]["ollama"]["detail"] == str(embedder.failure)
    client.headers.pop("X-API-Key")
    public = await client.get("/health")
    assert public.json()["components"] == {
        "database": "ok",
        "storage": "ok",
        "ollama": "embedder unavailable",
        "index": "ok",
    }
    assert "secret-host" not in public.text


@pytest.mark.parametrize(("backend", "component"), [("openai", "openai"), ("local", "embedder")])
async def test_health_names_the_embedder_that_is_set(
    database: Database,
    store: VolumeStore,
    embedder: FakeEmbedder,
    backend: str,
    component: str,
) -> None:
    embedder.failure = ModelMissing("it has no such model")
    settings = load_settings(
        api={"key": SecretStr("k")},
        documents={"path": store.root},
        embedding={"backend": backend},
    )
    app = create_app(settings, database=database, store=store, embedder=embedder)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/health")
    assert answer.json()["components"][component] == "model missing"


async def test_probes_do_not_ask_the_embedder(
    client: httpx.AsyncClient, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("away")
    client.headers.pop("X-API-Key")
    for path in ("/health/live", "/health/ready"):
        assert (await client.get(path)).status_code == 200
