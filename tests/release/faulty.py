"""A registry that serves one layout, and spoils the largest blob on its way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from release.layout import Layout
from release.place import Place

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@contextmanager
def faulty_registry(layout: Layout, spoil: Callable[[bytes], bytes]) -> Iterator[Place]:
    """Serve the layout as any repository until the block ends; the length is that of the whole."""
    folder = layout.folder / "blobs/sha256"
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)

    class Handler(BaseHTTPRequestHandler):
        """Answers GET and HEAD of manifests and blobs."""

        def do_GET(self) -> None:
            path = folder / self.path.rpartition("sha256:")[2]
            if not path.is_file():
                self.send_error(404)
                return
            content = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", _MANIFEST)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(spoil(content) if path == largest else content)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Place(f"127.0.0.1:{server.server_port}/tests")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
