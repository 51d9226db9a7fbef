"""Stand-in for Grafana: healthy if what compose mounts is there and its volume can be written to."""

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Responds to /api/health."""

    def do_GET(self) -> None:
        """Send the status."""
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 (the library's name)


class Server(ThreadingHTTPServer):
    """Listens on both families as Grafana does: busybox asks ::1 for localhost."""

    address_family = socket.AF_INET6


def check() -> None:
    """Fail unless the provisioned files are there and the volume is writable."""
    needed = (
        "/etc/grafana/provisioning/dashboards/dashboards.yml",
        os.environ["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"],
    )
    if missing := [name for name in needed if not Path(name).is_file()]:
        sys.exit(f"not mounted: {', '.join(missing)}")
    Path("/var/lib/grafana/grafana.db").write_text("")


check()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Server(("", 3000), Handler).serve_forever()
