"""`python -m deploy.kafka`: Apache Kafka on this machine until Ctrl-C."""

import signal
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deploy.kafka import jars
from deploy.kafka.cluster import Cluster
from deploy.kafka.security import LISTENERS, USER, Security
from worker.cli import app
from worker.cli.interruption import on_signals


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = ArgumentParser(
        prog="python -m deploy.kafka",
        description="Runs Apache Kafka on loopback, without Docker, until Ctrl-C or SIGTERM.\n"
        "Needs Java 17 and Maven; the first start downloads 43 MB from Maven Central.",
        formatter_class=app.HelpFormatter,
    )
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="how many (default: 1)")
    parser.add_argument(
        "--port", type=int, default=9092, metavar="N",
        help="of the first broker, the others' follow; 0 for free ones (default: 9092)",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the data here (default: gone at the end)")
    parser.add_argument(
        "--secure", type=Path, metavar="DIR",
        help="listeners with TLS and SASL too; ca.pem, a client's certificate and the password of the user "
        f"{USER} come into this folder. Not together with a --data that was made without it",
    )  # fmt: skip
    parser.add_argument("--fetch", action="store_true", help="only download it, if it is not there yet")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Run the brokers until a signal."""
    if arguments.fetch:
        print(f"Apache Kafka {jars.VERSION} is in {jars.fetch()}")
        return 0
    stop = threading.Event()
    security = Security.create(arguments.secure) if arguments.secure else None
    listeners = LISTENERS if security else ()
    with (
        on_signals(lambda _number: stop.set(), signal.SIGINT, signal.SIGTERM),
        Cluster(arguments.brokers, arguments.port, arguments.data, listeners=listeners, security=security) as cluster,
    ):
        if not stop.is_set():
            for way in listeners:
                print(f"{way.name}: --bootstrap-servers {cluster.servers(way.name)}")
            print(
                f"Apache Kafka is ready: --bootstrap-servers {cluster.bootstrap_servers}  (Ctrl-C ends it)", flush=True
            )
            stop.wait()
    return 0


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
