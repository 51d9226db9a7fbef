"""Apache Kafka on this machine, without Docker: a cluster of one or three KRaft brokers on loopback."""

from deploy.kafka.cluster import Cluster

__all__ = ["Cluster"]
