"""A store in a bucket of a real S3 server, one bucket per test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from mirage.db import Database
from mirage.files.s3.bucket import BucketStore
from mirage.projects import create_project
from tests.s3.installation import Installation
from tests.s3.server import S3Server, find_server, serving


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server of all tests that do not stop it."""
    if find_server() is None:
        pytest.skip("versitygw is missing: `make test-tools` builds it where Go is there")
    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """The name of an empty bucket."""
    name = f"b{uuid4().hex}"
    s3.make_bucket(name)
    return name


@pytest.fixture
def folder(s3: S3Server, bucket: str) -> Path:
    """Where the server keeps the objects of the bucket."""
    return s3.root / "buckets" / bucket


@pytest.fixture
def store(s3: S3Server, bucket: str) -> BucketStore:
    """An empty store under a prefix."""
    return BucketStore(s3.settings(bucket, prefix="team/mirage"))


@pytest.fixture
async def installation(database: Database, store: BucketStore) -> AsyncIterator[Installation]:
    """A project over an empty bucket."""
    installation = Installation(database, store, await create_project(database, "shelf"))
    yield installation
    await installation.parser.aclose()
