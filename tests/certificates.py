"""A private certificate authority, made with the openssl program."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates; `certificate` is what a client must trust. All files are in `folder`."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """The authority's own certificate."""
        return self.folder / "ca.crt"

    def sign(self, name: str, *alternatives: str, expired: bool = False) -> tuple[Path, Path]:
        """Return certificate and key for names such as `DNS:localhost` or `IP:127.0.0.1`."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        # Python 3.13 asks for all that RFC 5280 does.
        extensions.write_text(
            f"subjectAltName={','.join(alternatives)}\nauthorityKeyIdentifier=keyid\n"
            "subjectKeyIdentifier=hash\nbasicConstraints=critical,CA:FALSE\n"
        )
        _openssl("req", "-newkey", *_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        start = datetime.now(UTC) - timedelta(days=30)
        end = start + timedelta(days=1 if expired else 365)
        _openssl(
            "ca", "-batch", "-notext", "-config", self.folder / "ca.cnf", "-in", request,
            "-out", certificate, "-extfile", extensions,
            "-startdate", f"{start:%y%m%d%H%M%SZ}", "-enddate", f"{end:%y%m%d%H%M%SZ}",
        )  # fmt: skip
        return certificate, key


_KEY = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_CONFIG = """[ca]
default_ca = mirage
[mirage]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
certificate = {folder}/ca.crt
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


def make_authority(folder: Path) -> Authority:
    """Make an authority of its own in a folder that is made."""
    folder.mkdir(parents=True)
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
    _openssl(
        "req", "-x509", "-newkey", *_KEY, "-keyout", folder / "ca.key", "-out", folder / "ca.crt",
        "-subj", "/CN=a private authority", "-days", "30",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    return Authority(folder)


def _openssl(*arguments: str | Path) -> None:
    # The program is the machine's own, and all arguments are those above.
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
