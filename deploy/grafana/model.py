"""The second page: what the model says, and which one it is."""

from deploy.grafana.panels import Panel

_RATE = "$__rate_interval"
_DISASTERS = (
    f'sum by (stage) (rate(cascade_labels_total{{@,label="disaster"}}[{_RATE}]))'
    f" / sum by (stage) (rate(cascade_labels_total{{@}}[{_RATE}]))"
)

_DECISIONS = [
    Panel(
        "heatmap", "Probabilities of the stage $stage", "Of a disaster, of all tweets that reach it. The shape is the "
        "stage's own and stays for weeks; where it moves and no event explains it, the tweets have changed.", "short",
        [(f'sum by (le) (increase(cascade_stage_probability_bucket{{@,stage="$stage"}}[{_RATE}]))', "{{le}}")],
        base="blue", width=24,
    ),
    Panel(
        "lines", "Mean probability", "Of all tweets that reach a stage.", "percentunit",
        [(f"sum by (stage) (rate(cascade_stage_probability_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Called a disaster by each stage", "Share of the tweets that reach a stage to which it gives more "
        "than one half. Stages that drift apart no longer see the same thing.", "percentunit",
        [(f'1 - sum by (stage) (rate(cascade_stage_probability_bucket{{@,le="0.5"}}[{_RATE}]))'
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Disasters among what each stage decided", "The labels that went out.", "percentunit",
        [(_DISASTERS, "{{stage}}")], base="blue",
    ),
    Panel(
        "lines", "Deferred", "Share of the tweets that reach a stage and that it passes on. A stage that passes on "
        "more than before no longer knows the words.", "percentunit",
        [(f"sum by (stage) (rate(cascade_deferrals_total{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_tweets_out_total{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
]  # fmt: skip

_PROMISE = [
    Panel(
        "lines", "Drift index", "How far the first stage's latest 10,000 probabilities are from those of the training "
        "tweets: up to 0.1 is usual, above 0.25 they are other tweets, and the promised accuracy no longer holds.",
        "short", [("max by (group) (cascade_drift_index{@})", "{{group}}")], [(0.1, "yellow"), (0.25, "red")],
    ),
    Panel(
        "lines", "Overruled in audits", "Share of the tweets decided before the last stage that it would have decided "
        "otherwise, over a day: what the shortcut costs. Training promised less than the limit.", "percentunit",
        [("group:cascade_audit_disagreement:ratio_increase1d{@}", "{{group}}"),
         ("max by (group) (cascade_audit_disagreement_limit{@})", "limit of {{group}}")], base="blue",
    ),
    Panel(
        "lines", "Audits", "Tweets that the last stage was asked about though they did not need it, while nothing "
        "waited; none under a backlog, when those that were drawn are dropped.", "short",
        [(f"sum by (stage) (rate(cascade_audits_total{{@}}[{_RATE}]))", "of {{stage}}, a second"),
         (f"sum(rate(cascade_audits_dropped_total{{@}}[{_RATE}]))", "dropped, a second"),
         ("sum(cascade_audits_waiting{@})", "waiting")], base="blue",
    ),
]  # fmt: skip

_COST = [
    Panel(
        "lines", "Time a tweet takes", "In each stage, in the batches as they come.", "s",
        [(f"sum by (stage) (rate(cascade_stage_seconds_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_tweets_out_total{{@}}[{_RATE}]))", "{{stage}}")],
        [(0.01, "yellow")],
    ),
    Panel(
        "lines", "Tweets of a batch", "That reach each stage. Small batches are slow a tweet, and quick as a whole.",
        "short",
        [(f"sum by (stage) (rate(cascade_stage_batch_size_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_batch_size_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Traces after the warm-up", "TensorFlow met a shape that the warm-up does not know, and tweets waited "
        "for it. There should be none: it is a bug.", "short",
        [("sum(increase(cascade_retraces_total{@}[5m]))", "traces")], [(1, "yellow")],
    ),
]  # fmt: skip

_VERSIONS = [
    Panel(
        "stack", "Workers by artefact", "Two colours are a change-over; one that does not end is a worker that refused "
        "the new artefact.", "short",
        [("count by (model_version) (cascade_build_info{@})", "{{model_version}}")], base="blue", width=8,
    ),
    Panel(
        "lines", "New artefacts", "Looked at by the workers. A rejected one is named in the log.", "short",
        [(f"sum by (result) (increase(cascade_artifact_reloads_total{{@}}[{_RATE}]))", "{{result}}")],
        [(1, "yellow")], width=8,
    ),
    Panel(
        "table", "Devices", "What TensorFlow computes on.", "short",
        [("count by (device, model) (cascade_device_info{@})", "")], base="blue", width=8,
    ),
    Panel(
        "table", "Versions", "Of the worker, its artefact and its libraries, and how many workers have them.", "short",
        [("count by (version, model_version, tensorflow, kafka_python, python) (cascade_build_info{@})", "")],
        base="blue", width=24, height=6,
    ),
]  # fmt: skip

ROWS = {
    "What it says": _DECISIONS,
    "Whether that still holds": _PROMISE,
    "What it costs": _COST,
    "Which one it is": _VERSIONS,
}
