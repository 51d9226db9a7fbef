"""Fixtures that several packages' tests share."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from rich.console import Console

from tests.artifacts import write_small_artifact

settings.register_profile("shared", deadline=None)  # a machine that others use too may be slow at any moment
settings.load_profile("shared")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("CASCADE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def kaggle() -> Path:
    """Return the folder of Kaggle's data; skip where there is none."""
    folder = os.environ.get("DISASTER_TWEETS_DIR")
    if not folder:
        pytest.skip("needs Kaggle's data: set DISASTER_TWEETS_DIR to the folder with train.csv and test.csv")
    return Path(folder)


@pytest.fixture(scope="session")
def small_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an artifact of two scikit-learn stages: loads in a moment, defers some tweets. Do not change it."""
    return write_small_artifact(tmp_path_factory.mktemp("artifact") / "small")


@pytest.fixture(scope="session")
def sample_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the artifact that `fit` makes of the sample, USE included; made once for all of xdist's processes."""
    from training.cascade.fit import FitOptions, fit
    from training.data.dataset import SAMPLE, load_dataset
    from worker.cli.console import progress_bar

    shared = tmp_path_factory.getbasetemp().parent
    folder = shared / "sample-artifact"
    with FileLock(shared / "sample-artifact.lock"):
        if not folder.exists():
            fit(load_dataset(SAMPLE), folder, FitOptions(), progress_bar(Console(quiet=True)))
    return folder
