"""Kafka's jars, downloaded once from Maven Central."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from worker.errors import SettingError

VERSION = "4.1.2"
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tweet-cascade</groupId><artifactId>kafka</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
</dependency></dependencies></project>
"""


def require_tools() -> None:
    """Check that Java and Maven are installed.

    Raises:
        SettingError: one is missing; the message says how to install it.

    """
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    if missing:
        raise SettingError(
            f"Apache Kafka needs {' and '.join(missing)} on the PATH; install Java 17 or newer and Maven, "
            "on Debian: apt install openjdk-17-jre-headless maven"
        )


def fetch() -> Path:
    """Return the folder of the jars; download them if they are missing.

    Raises:
        SettingError: Java or Maven is missing, or the download failed.

    """
    require_tools()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tweet-cascade"
    jars = cache / f"kafka-{VERSION}"
    if not jars.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            _download(Path(folder))
            _move(Path(folder, "libs"), jars)
    return jars


def _move(made: Path, jars: Path) -> None:
    """Move the complete folder to its place; another process may have done so already."""
    try:
        made.rename(jars)
    except OSError:
        if not jars.is_dir():
            raise


def _download(folder: Path) -> None:
    (folder / "pom.xml").write_text(_POM)
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SettingError(f"Maven could not download Apache Kafka {VERSION}: {done.stdout.strip()[-500:]}")
