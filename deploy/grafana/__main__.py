"""`python -m deploy.grafana`: write the dashboards, or draw one with data from Prometheus."""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deploy.grafana import model, overview
from deploy.grafana.pages import FOLDER, documents
from worker.cli import app
from worker.errors import SettingError

_PAGES = {"overview": overview.ROWS, "model": model.ROWS}

_EXAMPLES = """
examples:
  python -m deploy.grafana                                       write deploy/grafana/dashboards
  python -m deploy.grafana --draw overview --out overview.png    draw the last 15 minutes
"""


def build_parser() -> ArgumentParser:
    """Return the parser of `python -m deploy.grafana`."""
    parser = app.new_parser(
        "python -m deploy.grafana",
        "Writes the dashboards for Grafana, or draws one of them with data from Prometheus.",
        _EXAMPLES,
    )
    flag = parser.add_argument
    flag("--draw", choices=_PAGES, metavar="PAGE", help="draw this page, overview or model, instead of writing files")
    flag("--out", type=Path, metavar="FILE", help="picture to write, .png or .svg (default: PAGE.png)")
    flag("--url", default="http://127.0.0.1:9090", help="address of Prometheus (default: http://127.0.0.1:9090)")
    flag("--minutes", type=float, default=15, metavar="N", help="period to draw, up to now (default: 15)")
    flag(
        "--stage",
        default="baseline",
        metavar="NAME",
        help="stage whose probabilities the model page shows (default: baseline)",
    )
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Write the dashboards, or draw one."""
    if arguments.draw:
        _draw(arguments)
        return 0
    FOLDER.mkdir(exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 0


def _draw(arguments: Namespace) -> None:
    from deploy.grafana.answers import Prometheus
    from deploy.grafana.picture import draw

    out = arguments.out or Path(f"{arguments.draw}.png")
    prometheus = Prometheus(arguments.url, time.time(), arguments.minutes, arguments.stage)
    try:
        draw(_PAGES[arguments.draw], prometheus, out)
    except (OSError, ValueError) as error:  # matplotlib raises a ValueError for an unknown suffix
        raise SettingError(f"--out: cannot write {out}: {error}") from error
    print(f"wrote {out}")


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
