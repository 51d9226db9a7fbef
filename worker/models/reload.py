"""Reload of the artifact without a restart, in four steps: load, verify, swap, freeze.

1. Load: a thread reads the artifact when SIGHUP asks for it, once for all requests that wait, or when its files have
   changed and then stayed the same between two looks. So an artifact that is still being copied is not read.
2. Verify: the thread compares the checksums and lets every stage classify once, while the old artifact labels.
3. Swap: the main loop takes the `successor()` between two batches.
4. Freeze: `freeze_loaded_objects()` hides the new objects from the garbage collector and frees the old artifact.

An artifact that is damaged or does not load is logged and counted as rejected; the old one stays in use.
"""

import ctypes
import gc
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.cascade.cascade import ThresholdCascade
from worker.errors import ArtifactError
from worker.models.artifact import load_artifact, read_manifest, verify
from worker.models.use import DeviceChoice, EngineChoice

log = logging.getLogger(__name__)
_CLOSE_SECONDS = 2  # longer than this the worker's end does not wait for an artifact that is still loading

Fingerprint = tuple[tuple[str, int, int, int], ...]
"""Path, inode, size in bytes and modification time in nanoseconds of each file."""


class ArtifactReloader:
    """Loads a changed artifact in a thread, while `watching`.

    Args:
        folder: of the artifact.
        watch_s: seconds between two looks for changed files; 0 to reload only on request.
        engine: who may compute the sentence encoder.
        device: where ONNX Runtime may compute it.

    """

    def __init__(
        self, folder: Path, watch_s: float, engine: EngineChoice = "auto", device: DeviceChoice = "auto"
    ) -> None:
        self._folder, self._engine, self._device = folder, engine, device
        self._watch_s = watch_s
        self._version = ""
        # Only SimpleQueue.put is reentrant: a signal handler calls it and may interrupt another call.
        self._requests: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._loaded: queue.SimpleQueue[ThresholdCascade] = queue.SimpleQueue()
        self._seen: Fingerprint = ()
        self._checked: Fingerprint = ()

    @contextmanager
    def watching(self, version: str, reloaded: Callable[[str], None]) -> Iterator[None]:
        """Run the thread for the length of a `with`.

        Args:
            version: of the artifact in use.
            reloaded: called from the thread after each attempt, with `accepted`, `unchanged` or `rejected`.

        """
        self._version = version
        thread = threading.Thread(target=self._run, args=(reloaded,), name="artifact", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._requests.put(False)
            thread.join(_CLOSE_SECONDS)

    def request(self) -> None:
        """Request a reload; safe to call from a signal handler."""
        self._requests.put(True)

    def successor(self) -> ThresholdCascade | None:
        """Return the newly loaded cascade, once; the latest if there are several."""
        latest = None
        while not self._loaded.empty():
            latest = self._loaded.get()
        return latest

    def _run(self, reloaded: Callable[[str], None]) -> None:
        while (requested := self._next_request()) is not False:
            if requested or self._files_are_new_and_stable():
                reloaded(self.reload())

    def _next_request(self) -> bool | None:
        """Return True for all requests that wait, False at the end, None when it is time to look for changed files."""
        try:
            waiting = [self._requests.get(timeout=self._watch_s or None)]
        except queue.Empty:
            return None
        while not self._requests.empty():
            waiting.append(self._requests.get())
        return all(waiting)

    def _files_are_new_and_stable(self) -> bool:
        """Return whether the files differ from those last checked and are the same as at the previous look."""
        before, self._seen = self._seen, fingerprint(self._folder)
        return bool(self._seen) and self._seen == before and self._seen != self._checked

    def reload(self) -> str:
        """Load the artifact if its version is new; return the result: `accepted`, `unchanged` or `rejected`."""
        self._checked = fingerprint(self._folder)
        try:
            return self._load()
        except Exception as error:  # whatever fails, the old artifact stays in use
            log.error("new artifact rejected, %s stays in use: %s", self._version, error)
            return "rejected"

    def _load(self) -> str:
        manifest = read_manifest(self._folder)
        if manifest.model_version == self._version:
            verify(self._folder, manifest)  # otherwise only the next worker to start would notice damage
            log.info("the artifact in %s is already in use: %s", self._folder, self._version)
            return "unchanged"
        artifact = load_artifact(self._folder, self._engine, self._device)
        if fingerprint(self._folder) != self._checked:
            self._checked = ()
            raise ArtifactError(f"the files in {self._folder} changed while they were loaded")
        self._version = artifact.cascade.version
        log.info("artifact %s loaded, in use after the current batch", self._version)
        self._loaded.put(artifact.cascade)
        return "accepted"


def fingerprint(folder: Path) -> Fingerprint:
    """Return a value that changes when a file below the folder does, without reading files; empty on an OS error."""
    try:
        found = [(str(path), path.stat()) for path in sorted(folder.rglob("*"))]
    except OSError:  # a file disappeared between the listing and its stat
        return ()
    return tuple((name, info.st_ino, info.st_size, info.st_mtime_ns) for name, info in found)


def freeze_loaded_objects() -> None:
    """Free what a replaced artifact left behind, then exclude all existing objects from garbage collection.

    A loaded artifact is half a million objects that stay. Each batch makes enough new objects to start a collection
    every few batches, which would traverse all of them for nothing: a third of the time of a tweet that the first
    stage decides.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return_free_memory()


def return_free_memory() -> None:
    """Return to the system what the C library keeps of freed memory: loading leaves some 45 MB. Only glibc does."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
