"""What is wrong with a bucket is said in one sentence, with its remedy."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from obstore.exceptions import GenericError

from mirage.errors import ConfigError, Retry, StorageFull, StorageUnavailable
from mirage.files.s3.bucket import BucketStore
from mirage.files.s3.errors import (
    S3Away,
    S3BucketMissing,
    S3NotTrusted,
    S3Refused,
    S3WrongRegion,
)
from mirage.files.s3.faults import bucket_errors
from tests.certificates import make_authority
from tests.s3.server import ACCESS_KEY, SECRET_KEY, S3Server, free_port, serving

_CLOCK = """
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
  int answer = syscall(SYS_clock_gettime, clock, now);
  if (answer == 0 && clock == CLOCK_REALTIME) now->tv_sec -= 86400;
  return answer;
}
"""

Use = Callable[[BucketStore], Any]
USES: list[Use] = [
    lambda store: store.owner(),
    lambda store: store.probe(),
    lambda store: next(store.list_keys(), None),
    lambda store: store.open("0" * 32),
]


def raised_by(store: BucketStore, use: Use) -> StorageUnavailable:
    """The error of a use."""
    with pytest.raises(StorageUnavailable) as caught:
        use(store)
    return caught.value


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ({"access_key": "another"}, S3Refused, "does not know the access key"),
        ({"secret_key": "another"}, S3Refused, "says that the secret key is wrong"),
        ({"region": "us-east-1"}, S3WrongRegion, "expects another region"),
    ],
)
def test_wrong_setting_is_named(
    s3: S3Server, bucket: str, use: Use, wrong: dict[str, str], kind: type, said: str
) -> None:
    error = raised_by(BucketStore(s3.settings(bucket, **wrong)), use)
    assert type(error) is kind
    assert str(error).startswith(f"s3://{bucket} cannot be used: {s3.endpoint} {said} (")
    assert "\n" not in str(error)
    assert error.retry is Retry.WAIT


@pytest.mark.parametrize("use", [USES[1], USES[2], USES[3]])
def test_missing_bucket_is_named(s3: S3Server, use: Use) -> None:
    error = raised_by(BucketStore(s3.settings("no-such-bucket")), use)
    assert type(error) is S3BucketMissing
    assert str(error) == (
        f"s3://no-such-bucket cannot be used: {s3.endpoint} has no such bucket (NoSuchBucket)"
    )


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("http://127.0.0.1:{port}", "the connection was refused"),
        ("http://no-such-host.invalid:{port}", "no such host"),
    ],
)
def test_server_that_is_away_is_named(s3: S3Server, endpoint: str, said: str) -> None:
    address = endpoint.format(port=free_port())
    store = BucketStore(s3.settings("b-1", endpoint=address))
    for use in USES:
        error = raised_by(store, use)
        assert type(error) is S3Away
        assert str(error) == f"s3://b-1 cannot be used: {address}: {said}"


def test_server_that_says_nothing_is_away(s3: S3Server) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=_hang_up, args=(listener,), daemon=True).start()
        error = raised_by(BucketStore(s3.settings("b-1", endpoint=address)), USES[0])
    assert type(error) is S3Away


def _hang_up(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            listener.accept()[0].close()


@pytest.fixture(scope="module")
def secure(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with a certificate of a private authority, and its bucket."""
    authority = make_authority(tmp_path_factory.mktemp("tls") / "authority")
    pair = authority.sign("s3", "IP:127.0.0.1")
    with serving(tmp_path_factory.mktemp("secure"), tls=pair) as server:
        server.make_bucket("private")
        yield server, authority.certificate


def test_private_authority_is_trusted_by_setting_or_variable(
    secure: tuple[S3Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = secure
    error = raised_by(BucketStore(server.settings("private")), USES[1])
    assert type(error) is S3NotTrusted
    assert str(error) == (
        f"s3://private cannot be used: {server.endpoint}: its TLS certificate is not trusted"
    )
    BucketStore(server.settings("private", ca_file=authority)).probe()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    BucketStore(server.settings("private")).probe()


def test_wrong_scheme_is_said(secure: tuple[S3Server, Path], s3: S3Server, bucket: str) -> None:
    server, _ = secure
    address = server.endpoint.replace("https", "http")
    plain = raised_by(BucketStore(server.settings("private", endpoint=address)), USES[1])
    assert isinstance(plain, S3Away)
    address = s3.endpoint.replace("http", "https")
    wrong = raised_by(BucketStore(s3.settings(bucket, endpoint=address)), USES[1])
    assert str(wrong).endswith("it does not speak TLS, so its address begins with http://")


@pytest.mark.parametrize(
    ("name", "expired", "said"),
    [
        ("IP:127.0.0.1", True, "its TLS certificate has expired"),
        ("DNS:another.example.org", False, "its TLS certificate is for another name"),
    ],
)
def test_unfit_certificate_is_named(
    s3: S3Server, tmp_path: Path, name: str, expired: bool, said: str
) -> None:
    authority = make_authority(tmp_path / "authority")
    pair = authority.sign("s3", name, expired=expired)
    with serving(tmp_path / "s3", tls=pair) as server:
        store = BucketStore(server.settings("b-1", ca_file=authority.certificate))
        error = raised_by(store, USES[0])
    assert type(error) is S3NotTrusted
    assert str(error).endswith(said)


def test_wrong_clock_is_named(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    """The client runs in a process whose clock a small library sets back by a day."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler is here to set the clock of a process")
    library, source = tmp_path / "clock.so", tmp_path / "clock.c"
    source.write_text(_CLOCK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    program = (
        "import sys; from mirage.config import S3; from mirage.files.s3.bucket import BucketStore\n"
        "try: BucketStore(S3.model_validate_json(sys.argv[1])).owner()\n"
        "except Exception as error: print(error.code, error)"
    )
    settings = s3.settings(bucket).model_dump(mode="json") | {
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
    }
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(settings)],
        env=os.environ | {"LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == (
        f"clock-skewed s3://{bucket} cannot be used: {s3.endpoint} says that its clock and this"
        " one differ too much (RequestTimeTooSkewed)\n"
    )


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("<Code>QuotaExceeded</Code>", StorageFull, "http://s3 says that the quota is used up"),
        ("<Code>SlowDown</Code><Message>Later.</Message>", S3Away, "answers SlowDown: Later."),
        ("<Code>Odd</Code><Message>a\x00\x1b[31m\ud800b</Message>", S3Away, "answers Odd: a [31m"),
        ("<Code>no name</Code>", S3Away, "http://s3: <Code>no name</Code>"),
        (f"<Code>{'x' * 5000}</Code>", S3Away, "http://s3: <Code>xxxx"),
    ],
)
def test_answer_that_servers_of_tests_do_not_give(answer: str, kind: type, said: str) -> None:
    with pytest.raises(kind) as caught, bucket_errors("s3://b", "http://s3"):
        raise GenericError(answer)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500
    str(caught.value).encode()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), (b"no PEM", "contains no certificates")],
)
def test_unusable_file_of_certificates_stops_the_start(
    s3: S3Server, tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "ca.crt"
    if content:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"MIRAGE_S3_CA_FILE: the file {said}"):
        BucketStore(s3.settings("b-1", ca_file=file))


@pytest.mark.parametrize("name", ["bucket", "access_key", "secret_key"])
def test_missing_setting_stops_the_start(s3: S3Server, name: str) -> None:
    with pytest.raises(ConfigError, match=f"MIRAGE_S3_{name.upper()} is not set"):
        BucketStore(s3.settings("b-1").model_copy(update={name: None}))
