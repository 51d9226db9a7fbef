"""Workarounds for faults of kafka-python 3.0.12, a module for each theme.

`tests/worker/kafka/patches` has a file for each module but `consumer`, which says itself when it can be deleted. A test
there named `test_kafka_python_...` shows a fault in kafka-python itself; once it fails, the fault is fixed and the
workaround can be deleted.

* `client`: report why the first connection fails; ask the bootstrap servers again; retry the requests of a transaction
* `transactions`: limit how long a transaction's request may take; recognize errors that are quoted, not chained;
  discard the refused offsets of an aborted transaction
* `producer`: flush although a batch was split; close although the flush failed
* `consumer`: know the topic before joining the group; read all committed offsets at once
* `header_names`: read header names that are not UTF-8
* `record_size`: measure a record before it is sent
* `rejected_token`: report why a broker rejects a token
* `tls_handshake`: limit how long a TLS handshake may take
"""
