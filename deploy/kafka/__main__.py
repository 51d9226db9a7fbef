"""`python -m deploy.kafka`: run Apache Kafka on this machine until Ctrl-C."""

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
    """Return the parser of `python -m deploy.kafka`."""
    parser = app.new_parser(
        "python -m deploy.kafka",
        "Runs Apache Kafka on loopback, without Docker, until Ctrl-C or SIGTERM.\n"
        "Needs Java 17 and Maven; the first start downloads 43 MB from Maven Central.",
    )
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="number of brokers (default: 1)")
    parser.add_argument(
        "--port", type=int, default=9092, metavar="N",
        help="port of the first broker, the next ones follow; 0 for free ports (default: 9092)",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder for the data (default: deleted at the end)")
    parser.add_argument(
        "--secure", type=Path, metavar="DIR",
        help="also open listeners with TLS and SASL; write ca.pem, a client certificate and the password of user "
        f"{USER} into this folder. Does not work with a --data folder that was created without --secure",
    )  # fmt: skip
    parser.add_argument("--fetch", action="store_true", help="download Kafka if it is missing, then exit")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Run the brokers until SIGINT or SIGTERM."""
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
            for listener in listeners:
                print(f"{listener.name}: --bootstrap-servers {cluster.servers(listener.name)}")
            print(
                f"Apache Kafka is ready: --bootstrap-servers {cluster.bootstrap_servers}  (Ctrl-C stops it)",
                flush=True,
            )
            stop.wait()
    return 0


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
