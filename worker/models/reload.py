"""A new artefact without a stop: loaded, verified and warmed up in a thread, and handed over between two batches.

An artefact is looked at when SIGHUP asks, or when its files have changed and then stayed the same from one look to the
next, so that one that is still being copied is not taken for damaged. A bad one is told, and the old one goes on.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.cascade.cascade import ThresholdCascade
from worker.errors import ArtifactError
from worker.models.artifact import load_artifact, read_manifest, verify

log = logging.getLogger(__name__)
_CLOSE_SECONDS = 2  # what is being loaded then is not waited for

Fingerprint = tuple[tuple[str, int, int, int], ...]


class Renewal:
    """Looks for another artefact than the one in use, while `watching`.

    Args:
        folder: of the artefact.
        watch_s: how often to look for changes; 0 for never.

    """

    def __init__(self, folder: Path, watch_s: float) -> None:
        self._folder = folder
        self._watch_s = watch_s
        self._version = ""
        # SimpleQueue's put may interrupt itself, unlike what Event and Queue have: a signal handler calls it.
        self._requests: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._loaded: queue.SimpleQueue[ThresholdCascade] = queue.SimpleQueue()
        self._seen: Fingerprint = ()
        self._judged: Fingerprint = ()

    @contextmanager
    def watching(self, version: str, reloaded: Callable[[str], None]) -> Iterator[None]:
        """Run the thread for the length of a `with`.

        Args:
            version: of the artefact in use.
            reloaded: told one of metrics' RELOADS for each artefact that was looked at; called from the thread.

        """
        self._version = version
        thread = threading.Thread(target=self._run, args=(reloaded,), name="artefact", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._requests.put(False)
            thread.join(_CLOSE_SECONDS)

    def request(self) -> None:
        """Ask for the artefact to be loaded anew; safe to call from a signal handler."""
        self._requests.put(True)

    def successor(self) -> ThresholdCascade | None:
        """Return the cascade that is to take over, once; the last where there are several."""
        latest = None
        while not self._loaded.empty():
            latest = self._loaded.get()
        return latest

    def _run(self, reloaded: Callable[[str], None]) -> None:
        while (asked := self._next_request()) is not False:
            if asked or self._has_settled():
                reloaded(self.renew())

    def _next_request(self) -> bool | None:
        """Return True when asked, False at the end, and None when it is time to look."""
        try:
            return self._requests.get(timeout=self._watch_s or None)
        except queue.Empty:
            return None

    def _has_settled(self) -> bool:
        """Tell whether files have changed since they were last judged, and no longer do."""
        before, self._seen = self._seen, fingerprint(self._folder)
        return bool(self._seen) and self._seen == before and self._seen != self._judged

    def renew(self) -> str:
        """Load the artefact if it is another one; return what became of it."""
        self._judged = fingerprint(self._folder)
        try:
            return self._load()
        except Exception as error:  # whatever it is, the old artefact goes on
            log.error("the new artefact is not used, %s goes on: %s", self._version, error)
            return "rejected"

    def _load(self) -> str:
        manifest = read_manifest(self._folder)
        if manifest.model_version == self._version:
            verify(self._folder, manifest)  # damage would only be noticed by the next worker that starts
            log.info("the artefact in %s is the one in use, %s", self._folder, self._version)
            return "unchanged"
        artifact = load_artifact(self._folder)
        if fingerprint(self._folder) != self._judged:
            self._judged = ()
            raise ArtifactError(f"the files in {self._folder} changed while they were loaded")
        self._version = artifact.cascade.version
        log.info("artefact %s is loaded and takes over after the batch in hand", self._version)
        self._loaded.put(artifact.cascade)
        return "accepted"


def fingerprint(folder: Path) -> Fingerprint:
    """Return what changes when a file below the folder does, without reading it; nothing where it cannot be told."""
    try:
        found = [(str(path), path.stat()) for path in sorted(folder.rglob("*"))]
    except OSError:  # a file went away meanwhile
        return ()
    return tuple((name, info.st_ino, info.st_size, info.st_mtime_ns) for name, info in found)
