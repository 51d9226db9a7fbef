"""Apicurio Registry: a real Schema Registry, from Maven Central, with its schemas in memory."""

import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.demo.broker import free_port
from tests.kafka.support.waiting import wait_until

VERSION = "3.0.9"  # the last one for Java 17
_ARTIFACT = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"


def fetch() -> Path:
    """Return the program's folder; download it, 109 MB, if it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tweet-cascade"
    folder = cache / f"apicurio-{VERSION}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={fresh}"]
            subprocess.run(command, check=True, timeout=250)
            with tarfile.open(next(Path(fresh).glob("*.tar.gz"))) as archive:
                archive.extractall(Path(fresh, "program"), filter="data")
            shutil.move(Path(fresh, "program"), folder)
    return folder


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Run the registry for the length of a `with`; yield the address that Confluent's clients take."""
    port, program = free_port(), next(fetch().glob("*-runner.jar"))
    java = shutil.which("java") or "java"
    options = ["-Xmx400m", f"-Dquarkus.http.port={port}", "-Dquarkus.http.host=127.0.0.1"]
    url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [java, *options, "-jar", program],
            cwd=program.parent,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: _answers(f"{url}/schemas/types"), 120, lambda: log.read_text()[-2000:])
            yield url
        finally:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
