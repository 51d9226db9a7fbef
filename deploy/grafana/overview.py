"""The overview page: throughput, latency, overload, decisions, errors and processes."""

from deploy.grafana.panels import Panel

_RATE = "$__rate_interval"
_LATENCY = "sum by (le) (rate(cascade_end_to_end_seconds_bucket{@}[%s]))"
_DRAIN = (
    "clamp_max(sum(cascade_lag_records{@}) / clamp_min(sum(rate(cascade_tweets_consumed_total{@}[5m])), 0.001), 86400)"
)
_DEAD_LETTERS = (
    "sum(rate(cascade_dead_letters_total{@}[5m])) / clamp_min(sum(rate(cascade_tweets_consumed_total{@}[5m])), 0.001)"
)
_LAST_STAGE = (
    "min(sum by (stage) (rate(cascade_stage_tweets_in_total{@}[5m])))"
    " / clamp_min(sum(rate(cascade_labels_total{@}[5m])), 0.001)"
)

_SUMMARY = [
    Panel(
        "stat", "Throughput", "Records labelled or dead-lettered, and committed, by all workers.", "suffix: /s",
        [(f"sum(rate(cascade_tweets_consumed_total{{@}}[{_RATE}]))", "")], base="blue", width=4, height=5,
    ),
    Panel(
        "stat", "Time to drain", "Time to process the backlog at the speed of the last 5 minutes, if no more records "
        "arrive. An alert fires above 5 minutes if the backlog grows.", "s",
        [(_DRAIN, "")], [(60, "yellow"), (300, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Latency, 99 %", "From a record's timestamp to the commit of its label, last 5 minutes. The SLO "
        "is 5 seconds for 99 % of the tweets.", "s",
        [(f"histogram_quantile(0.99, {_LATENCY % '5m'})", "")], [(2.5, "yellow"), (5, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Dead letters", "Share of records that could not be labelled, last 5 minutes. They are kept on the "
        "dead-letter topic. An alert fires above 1 %.", "percentunit",
        [(_DEAD_LETTERS, "")], [(0.001, "yellow"), (0.01, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Active workers", "Workers with assigned partitions. Workers beyond the number of partitions stand by.",
        "short",
        [("sum(cascade_ready{@})", "")], [(1, "green")], base="red", width=4, height=5,
    ),
    Panel(
        "stat", "Reach the last stage", "Share of tweets that reach the costly last stage, last 5 minutes. Training "
        "limits it, to 20 % by default.", "percentunit",
        [(_LAST_STAGE, "")], [(0.3, "yellow"), (0.5, "red")], width=4, height=5,
    ),
]  # fmt: skip

_THROUGHPUT = [
    Panel(
        "lines", "In and out", "Produced is an estimate: polled records plus the growth of the lag. While it is "
        "above committed, the backlog grows.", "suffix: /s",
        [
            (f'clamp_min(sum(rate(cascade_operation_records_in_total{{@,operation="poll"}}[{_RATE}]))'
             f" + sum(deriv(cascade_lag_records{{@}}[{_RATE}])), 0)", "produced"),
            (f'sum(rate(cascade_operation_records_out_total{{@,operation="poll"}}[{_RATE}]))', "polled"),
            (f'sum(rate(cascade_operation_records_out_total{{@,operation="commit"}}[{_RATE}]))', "committed"),
        ],
    ),
    Panel(
        "stack", "Lag by partition", "Records not polled yet. If one partition alone grows, it has a hot key or its "
        "worker is in trouble.", "short",
        [("sum by (input_topic, partition) (cascade_lag_records{@})", "{{input_topic}}-{{partition}}")],
        [(10_000, "yellow"), (100_000, "red")],
    ),
    Panel(
        "lines", "Latency", "From a record's timestamp to the commit of its label. A backlog adds the time that "
        "records wait in it.", "s",
        [
            *((f"histogram_quantile({q}, {_LATENCY % _RATE})", f"{q:.0%}") for q in (0.5, 0.9, 0.99)),
            ("min(cascade_latency_objective_seconds{@})", "--latency-objective"),
        ],
        [(5, "red")],
    ),
    Panel(
        "lines", "Time to drain", "Lag divided by the speed of the last 5 minutes; at most a day is shown.", "s",
        [(_DRAIN, "time to drain")], [(300, "red")],
    ),
    Panel(
        "stack", "Where the time goes", "Average number of threads busy with each operation: a worker has two that "
        "classify and one for the rest. `poll` is mostly waiting: near 0, the workers are saturated. `publish` is "
        "waiting for the broker's acknowledgements.", "suffix: threads",
        [(f"sum by (operation) (rate(cascade_operation_seconds_sum{{@}}[{_RATE}]))", "{{operation}}")], base="blue",
    ),
    Panel(
        "lines", "Acknowledgement and commit, 99 %", "Time of the broker. If both are high, the broker is slow.",
        "s",
        [
            ("histogram_quantile(0.99, sum by (le, operation) (rate("
             f'cascade_operation_seconds_bucket{{@,operation=~"publish|commit"}}[{_RATE}])))', "{{operation}}"),
        ],
        [(1, "yellow"), (5, "red")],
    ),
]  # fmt: skip

_OVERLOAD = [
    Panel(
        "stack", "Shed", "Share of the tweets that a stage labelled although it would have deferred them, because the "
        "latency objective left no time. Only with --on-overload shed. An alert fires above 1 % for 10 minutes.",
        "percentunit",
        [(f"sum by (stage) (rate(cascade_shed_total{{@}}[{_RATE}]))"
          f" / on () group_left () clamp_min(sum(rate(cascade_labels_total{{@}}[{_RATE}])), 0.001)", "{{stage}}")],
        [(0.01, "yellow"), (0.1, "red")], width=8,
    ),
    Panel(
        "lines", "Deferrals allowed", "Share of the deferrals that the latest batch had time for: 100 % without "
        "overload. If it is 0 and the lag grows, even the first stage is too slow.",
        "percentunit", [("min(cascade_deferral_allowed_ratio{@})", "worker with the least")],
        [(0.99, "green")], base="yellow", width=8,
    ),
    Panel(
        "lines", "Batches", "Limit of the next batch, chosen to take a fifth of the latency objective, and mean size "
        "of the batches. Batches near the limit mean a backlog.", "suffix: records",
        [("min(cascade_batch_limit_records{@})", "limit"),
         (f"sum(rate(cascade_batch_size_sum{{@}}[{_RATE}]))"
          f" / sum(rate(cascade_batch_size_count{{@}}[{_RATE}]))", "mean")],
        base="blue", width=8,
    ),
]  # fmt: skip

_DECISIONS = [
    Panel(
        "stack", "Labels by stage", "Labels by the stage that decided.",
        "suffix: /s", [(f"sum by (stage) (rate(cascade_labels_total{{@}}[{_RATE}]))", "{{stage}}")], base="blue",
    ),
    Panel(
        "stack", "Labels by class", "A jump is a real event, or drift; see the model page.", "suffix: /s",
        [(f"sum by (label) (rate(cascade_labels_total{{@}}[{_RATE}]))", "{{label}}")], base="blue",
    ),
]  # fmt: skip

_ERRORS = [
    Panel(
        "stack", "Dead letters by reason", "`classifier_failure` is the model's fault, the other reasons are the "
        "producers'.", "short",
        [(f"sum by (reason) (increase(cascade_dead_letters_total{{@}}[{_RATE}]))", "{{reason}}")],
        [(1, "yellow")],
    ),
    Panel(
        "lines", "Bad records", "Share of bad records in the window of the circuit breaker, of the worst worker. At "
        "the limit that worker stops without committing.", "percentunit",
        [("max(cascade_bad_records_ratio{@})", "worst worker"), ("min(cascade_bad_records_ratio_limit{@})", "limit")],
        [(0.1, "yellow"), (0.4, "red")],
    ),
    Panel(
        "lines", "Failed operations", "Records that entered an operation and neither completed it nor are in progress, "
        "since the workers started. They were not committed and are polled again.", "short",
        [("sum by (operation) (cascade_operation_records_in_total{@} - cascade_operation_records_out_total{@}"
          " - cascade_operation_records_in_progress{@})", "{{operation}}")],
        [(1, "yellow")],
    ),
    Panel(
        "lines", "Rebalances and batches not committed", "A rebalance is normal when a worker joins or leaves. "
        "Batches that are not committed are processed again: labels are duplicated, or with exactly_once delayed.",
        "short",
        [
            (f"sum(increase(cascade_rebalances_total{{@}}[{_RATE}]))", "rebalances, all workers"),
            (f"sum(increase(cascade_commit_failures_total{{@}}[{_RATE}]))", "batches not committed"),
        ],
        [(5, "yellow")],
    ),
]  # fmt: skip

_PROCESSES = [
    Panel(
        "lines", "Workers", "If fewer are active than running, the others stand by or are starting.", "short",
        [("count(cascade_ready{@})", "running"), ("sum(cascade_ready{@})", "active")], [(1, "green")], base="red",
        width=8,
    ),
    Panel(
        "lines", "Memory", "Constant after the first batches. During a reload both artifacts are in memory.",
        "bytes", [("process_resident_memory_bytes{@}", "{{instance}}")], [(3e9, "yellow"), (4e9, "red")], width=8,
    ),
    Panel(
        "lines", "CPU", "Cores in use by each worker.", "suffix: cores",
        [(f"rate(process_cpu_seconds_total{{@}}[{_RATE}])", "{{instance}}")], base="blue", width=8,
    ),
]  # fmt: skip

ROWS = {
    "Summary": _SUMMARY,
    "Throughput and latency": _THROUGHPUT,
    "Overload": _OVERLOAD,
    "Decisions": _DECISIONS,
    "Errors": _ERRORS,
    "Processes": _PROCESSES,
}
