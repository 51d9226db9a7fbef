"""Fixtures that several packages' tests share."""

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from rich.console import Console
from xdist.remote import Producer

from tests.artifacts import write_small_artifact
from tests.fingerprint import code_fingerprint
from tests.scheduling import GroupScheduling
from worker.models.artifact import Artifact, load_artifact
from worker.models.use import UseEncoder

settings.register_profile("shared", deadline=None)  # other programs may slow the machine down at any moment
settings.load_profile("shared")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes for `-n auto`: one more than CPUs, because tests of processes mostly wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Return the scheduler."""
    return GroupScheduling(config, log)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Return a test's name without the bytes it is about: packed ones hold the time, and processes must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the worker's settings from the environment of the tests."""
    for name in [name for name in os.environ if name.startswith("CASCADE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _hooks_of_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore what `configure_logging` redirects to the log, so that pytest sees it."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    yield
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def kaggle() -> Path:
    """Return the folder of Kaggle's data; skip without it."""
    folder = os.environ.get("DISASTER_TWEETS_DIR")
    if not folder:
        pytest.skip("needs Kaggle's data: set DISASTER_TWEETS_DIR to the folder with train.csv and test.csv")
    return Path(folder)


@pytest.fixture(scope="session")
def small_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an artifact of two scikit-learn stages: it loads fast and defers some tweets. Do not change it."""
    return write_small_artifact(tmp_path_factory.mktemp("artifact") / "small")


@pytest.fixture(scope="session")
def sample_artifact(pytestconfig: pytest.Config) -> Path:
    """Return the artifact that `fit` makes of the sample, USE included; fitted once for the code as it is now.

    The folder is in pytest's cache: all processes of xdist and later runs of the same code share it. Do not change it.
    """
    from training.cascade.fit import FitOptions, fit
    from training.data.dataset import SAMPLE, load_dataset
    from worker.cli.console import progress_bar

    cache = pytestconfig.cache
    assert cache is not None
    shared, current = cache.mkdir("sample-artifact"), code_fingerprint()
    with FileLock(shared / "lock"):
        if not (shared / current).exists():
            for old in shared.glob("*/"):
                shutil.rmtree(old)
            fit(load_dataset(SAMPLE), shared / current, FitOptions(), progress_bar(Console(quiet=True)))
    return shared / current


@pytest.fixture(scope="session")
def loaded_sample(sample_artifact: Path) -> Artifact:
    """Return the sample's artifact as a worker loads it."""
    return load_artifact(sample_artifact)


@pytest.fixture(scope="session")
def use_encoder(sample_artifact: Path) -> UseEncoder:
    """Return the sentence encoder of the sample's artifact as training uses it."""
    from training.encoder.opening import open_encoder

    return open_encoder(sample_artifact / "use", "cpu")
