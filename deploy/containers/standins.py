"""Images under the names that the Dockerfile and docker-compose.yml pull, where no registry can be reached.

`python` is Debian's; `apache/kafka` has Kafka's jars on Debian's Java; `prom/prometheus` has Debian's Prometheus. No
registry has a package of Grafana: an HTTP server stands for it and checks what compose mounts.
"""

import json
import re
from pathlib import Path

from deploy.containers.engine import Engine
from deploy.kafka import jars

ROOT = Path(__file__).parents[2]
_FOLDER = Path(__file__).parent / "standins"
_PATH = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


def base_name() -> str:
    """Return the image that the Dockerfile builds on."""
    [tag] = re.findall(r"^ARG PYTHON=(\S+)", (ROOT / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)
    return f"python:{tag}"


def build(engine: Engine, base: Path) -> None:
    """Build the images that the engine lacks.

    Args:
        engine: where they are built.
        base: base.tar, the system that stands for the official Python image.

    """
    present = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    if base_name() not in present:
        engine.docker("import", "--change", _PATH, "-", base_name(), stdin=base)
    for name in sorted(set(_composed(engine)) - set(present)):
        _build(engine, name)


def _composed(engine: Engine) -> list[str]:
    """Return the images of docker-compose.yml that the project does not build."""
    command = ("compose", "--file", ROOT / "docker-compose.yml", "--profile", "*", "config", "--format", "json")
    services = json.loads(engine.docker(*command))["services"]
    return [image for s in services.values() if not (image := s["image"]).startswith("tweet-cascade-")]


def _build(engine: Engine, name: str) -> None:
    context = _FOLDER / name.partition("/")[2].partition(":")[0]
    arguments = ("--build-arg", f"BASE={base_name()}", "--build-context", f"jars={jars.fetch()}", "--tag", name)
    engine.docker("build", "--quiet", *arguments, context)
