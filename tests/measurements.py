"""What the long tests measure: logged by them, and printed at the end of a run."""

import logging

import pytest


def log_measurements() -> None:
    """Log what tests measure, and of kafka-python only errors."""
    logging.getLogger("tests").setLevel(logging.INFO)
    logging.getLogger("kafka").setLevel(logging.ERROR)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what passed tests logged; a conftest that imports this function has the hook."""
    terminalreporter.section("measurements")
    for report in terminalreporter.stats.get("passed", []):
        for line in report.caplog.splitlines():
            if " tests." in line:
                terminalreporter.line(f"{report.nodeid.rpartition('/')[2]}: {line.partition(' ')[2].partition(' ')[2]}")
