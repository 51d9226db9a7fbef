"""The first page: whether it keeps up, whether it is right, whether anything is lost."""

from deploy.grafana.panels import Panel

_RATE = "$__rate_interval"
_LATENCY = "sum by (le) (rate(cascade_end_to_end_seconds_bucket{@}[%s]))"
_DRAIN = (
    "clamp_max(sum(cascade_lag_records{@}) / clamp_min(sum(rate(cascade_tweets_consumed_total{@}[5m])), 0.001), 86400)"
)
_LETTERS = (
    "sum(rate(cascade_dead_letters_total{@}[5m])) / clamp_min(sum(rate(cascade_tweets_consumed_total{@}[5m])), 0.001)"
)
_LAST = (
    "min(sum by (stage) (rate(cascade_stage_tweets_in_total{@}[5m])))"
    " / clamp_min(sum(rate(cascade_labels_total{@}[5m])), 0.001)"
)

_AT_A_GLANCE = [
    Panel(
        "stat", "Throughput", "Records labelled or dead-lettered, and committed, by all workers.", "suffix: /s",
        [(f"sum(rate(cascade_tweets_consumed_total{{@}}[{_RATE}]))", "")], base="blue", width=4, height=5,
    ),
    Panel(
        "stat", "Time to drain", "How long the backlog takes at the speed of the last 5 minutes, if nothing more came "
        "in. Above 5 minutes and growing, an alert goes off.", "s",
        [(_DRAIN, "")], [(60, "yellow"), (300, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Latency, 99 %", "From a record's timestamp to the commit of its label, last 5 minutes. The objective "
        "is 5 seconds for 99 % of the tweets.", "s",
        [(f"histogram_quantile(0.99, {_LATENCY % '5m'})", "")], [(2.5, "yellow"), (5, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Dead letters", "Share of records that could not be labelled, last 5 minutes. Nothing of them is lost: "
        "they are on the dead-letter topic. Above 1 % an alert goes off.", "percentunit",
        [(_LETTERS, "")], [(0.001, "yellow"), (0.01, "red")], width=4, height=5,
    ),
    Panel(
        "stat", "Workers at work", "Workers that have partitions. More than there are partitions stand by.", "short",
        [("sum(cascade_ready{@})", "")], [(1, "green")], base="red", width=4, height=5,
    ),
    Panel(
        "stat", "Reach the last stage", "Share of tweets that the costly last stage has to decide, last 5 minutes. "
        "Training bounds it: 20 % by default.", "percentunit",
        [(_LAST, "")], [(0.3, "yellow"), (0.5, "red")], width=4, height=5,
    ),
]  # fmt: skip

_KEEPING_UP = [
    Panel(
        "lines", "In and out", "Produced is an estimate: polled, and what the lag grew by. Where it stays above "
        "committed, the backlog grows.", "suffix: /s",
        [
            (f'clamp_min(sum(rate(cascade_operation_records_in_total{{@,operation="poll"}}[{_RATE}]))'
             f" + sum(deriv(cascade_lag_records{{@}}[{_RATE}])), 0)", "produced"),
            (f'sum(rate(cascade_operation_records_out_total{{@,operation="poll"}}[{_RATE}]))', "polled"),
            (f'sum(rate(cascade_operation_records_out_total{{@,operation="commit"}}[{_RATE}]))', "committed"),
        ],
    ),
    Panel(
        "stack", "Lag by partition", "Records still to be polled. One partition that alone grows has a hot key or a "
        "worker in trouble.", "short",
        [("sum by (partition) (cascade_lag_records{@})", "{{partition}}")], [(10_000, "yellow"), (100_000, "red")],
    ),
    Panel(
        "lines", "Latency", "From a record's timestamp to the commit of its label. With a backlog it is that of the "
        "backlog.", "s",
        [
            *((f"histogram_quantile({q}, {_LATENCY % _RATE})", f"{q:.0%}") for q in (0.5, 0.9, 0.99)),
            ("min(cascade_latency_objective_seconds{@})", "--latency-objective"),
        ],
        [(5, "red")],
    ),
    Panel(
        "lines", "Time to drain", "Lag over the speed of the last 5 minutes; a day at most is shown.", "s",
        [(_DRAIN, "time to drain")], [(300, "red")],
    ),
    Panel(
        "stack", "Where the time goes", "Average number of threads busy with each operation: a worker has two that "
        "classify and one for the rest. `poll` is mostly waiting: near 0, the workers are saturated. `publish` is "
        "waiting for the broker's acknowledgements.", "suffix: threads",
        [(f"sum by (operation) (rate(cascade_operation_seconds_sum{{@}}[{_RATE}]))", "{{operation}}")], base="blue",
    ),
    Panel(
        "lines", "Acknowledgement and commit, 99 %", "What the broker takes. Both high: look at the broker.", "s",
        [
            ("histogram_quantile(0.99, sum by (le, operation) (rate("
             f'cascade_operation_seconds_bucket{{@,operation=~"publish|commit"}}[{_RATE}])))', "{{operation}}"),
        ],
        [(1, "yellow"), (5, "red")],
    ),
]  # fmt: skip

_LOAD = [
    Panel(
        "stack", "Shed", "Share of the tweets that kept the label of a stage that would have passed them on: there was "
        "no time within the latency objective. Only under --on-overload shed; above 1 % for long an alert goes off.",
        "percentunit",
        [(f"sum by (stage) (rate(cascade_shed_total{{@}}[{_RATE}]))"
          f" / on () group_left () clamp_min(sum(rate(cascade_labels_total{{@}}[{_RATE}])), 0.001)", "{{stage}}")],
        [(0.01, "yellow"), (0.1, "red")], width=8,
    ),
    Panel(
        "lines", "Deferrals allowed", "Of the tweets that stages would pass on, the share that they may, in the latest "
        "batch: 100 % where there is time for all. At 0 with a lag that grows, even the first stage is too slow.",
        "percentunit", [("min(cascade_deferral_allowed_ratio{@})", "worker with the least")],
        [(0.99, "green")], base="yellow", width=8,
    ),
    Panel(
        "lines", "Batches", "What the next batch may have, so that it takes a fifth of the latency objective, and "
        "what batches have on average. Near the limit there is a backlog.", "suffix: records",
        [("min(cascade_batch_limit_records{@})", "limit"),
         (f"sum(rate(cascade_batch_size_sum{{@}}[{_RATE}]))"
          f" / sum(rate(cascade_batch_size_count{{@}}[{_RATE}]))", "mean")],
        base="blue", width=8,
    ),
]  # fmt: skip

_RIGHT = [
    Panel(
        "stack", "Who decided", "Labels by the stage that decided, the costly last one included.",
        "suffix: /s", [(f"sum by (stage) (rate(cascade_labels_total{{@}}[{_RATE}]))", "{{stage}}")], base="blue",
    ),
    Panel(
        "stack", "Labels", "A jump is a real event, or drift: the model page tells more.", "suffix: /s",
        [(f"sum by (label) (rate(cascade_labels_total{{@}}[{_RATE}]))", "{{label}}")], base="blue",
    ),
]  # fmt: skip

_LOST = [
    Panel(
        "stack", "Dead letters by reason", "`classifier_failure` is the model's fault, the others are the producers'.",
        "short", [(f"sum by (reason) (increase(cascade_dead_letters_total{{@}}[{_RATE}]))", "{{reason}}")],
        [(1, "yellow")],
    ),
    Panel(
        "lines", "How near the breaker is", "Share of bad records in the breaker's window, of the worst worker. At the "
        "limit that worker stops, uncommitted.", "percentunit",
        [("max(cascade_bad_records_ratio{@})", "worst worker"), ("min(cascade_bad_records_ratio_limit{@})", "limit")],
        [(0.1, "yellow"), (0.4, "red")],
    ),
    Panel(
        "lines", "Failed in an operation", "Records that went into an operation and neither came out nor are in "
        "progress, since the workers started. They were not committed and come again.", "short",
        [("sum by (operation) (cascade_operation_records_in_total{@} - cascade_operation_records_out_total{@}"
          " - cascade_operation_records_in_progress{@})", "{{operation}}")],
        [(1, "yellow")],
    ),
    Panel(
        "lines", "Rebalances and batches not committed", "A rebalance now and then is normal: a worker came or went. "
        "Batches that are not committed come again: labels are doubled, or under exactly_once delayed.", "short",
        [
            (f"sum(increase(cascade_rebalances_total{{@}}[{_RATE}]))", "rebalances, over all workers"),
            (f"sum(increase(cascade_commit_failures_total{{@}}[{_RATE}]))", "batches not committed"),
        ],
        [(5, "yellow")],
    ),
]  # fmt: skip

_HEALTH = [
    Panel(
        "lines", "Workers", "Fewer at work than there are: some stand by, or are starting.", "short",
        [("count(cascade_ready{@})", "running"), ("sum(cascade_ready{@})", "at work")], [(1, "green")], base="red",
        width=8,
    ),
    Panel(
        "lines", "Memory", "Flat after the first batches. While a new artefact is taken over, both are in memory.",
        "bytes", [("process_resident_memory_bytes{@}", "{{instance}}")], [(3e9, "yellow"), (4e9, "red")], width=8,
    ),
    Panel(
        "lines", "CPU", "Cores that each worker uses.", "suffix: cores",
        [(f"rate(process_cpu_seconds_total{{@}}[{_RATE}])", "{{instance}}")], base="blue", width=8,
    ),
]  # fmt: skip

ROWS = {
    "At a glance": _AT_A_GLANCE,
    "Is it keeping up?": _KEEPING_UP,
    "How does it meet the load?": _LOAD,
    "Is it right?": _RIGHT,
    "Is anything lost?": _LOST,
    "Health": _HEALTH,
}
