"""Performance targets."""

from benchmarks.results.targets import judge_targets


def test_targets_are_judged_by_ratios_of_one_run() -> None:
    """A missed target is not reported as met, and a system that was not measured is not judged."""
    figures = {
        "echo": {"messages_per_second": 10_000.0},
        "baseline": {"messages_per_second": 5_900.0},
        "cascade": {"messages_per_second": 5_000.0, "accuracy": 0.82, "rss_mb": 440.0, "start_s": 4.1},
        "use": {"messages_per_second": 1_000.0, "accuracy": 0.83},
    }
    assert [(target.claim, target.met) for target in judge_targets(figures)] == [
        ("baseline >= 0.6 x echo", False),
        ("cascade >= 5 x use", True),
        ("cascade as accurate as use", False),
        ("a worker's memory <= 450 MB", True),
        ("start to the first label <= 4 s", False),
    ]
