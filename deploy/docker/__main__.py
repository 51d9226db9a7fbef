"""`python -m deploy.docker`: pin the packages of the images, with checksums, in requirements/."""

import subprocess
import sys

from deploy.docker.locks import LOCKS, PYTHON, ROOT

for path, extras in LOCKS.items():
    print(f"{path.relative_to(ROOT)} ...", flush=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--upgrade"),
            *("--universal", "--python-version", PYTHON, "--generate-hashes", "--no-annotate"),
            *("--custom-compile-command", "make locks", "--output-file", str(path)),
            *(f"--extra={name}" for name in extras),
        ],
        cwd=ROOT,
        check=True,
    )
