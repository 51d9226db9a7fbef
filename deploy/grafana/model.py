"""The model page: probabilities, drift, cost and versions."""

from deploy.grafana.panels import Panel

_RATE = "$__rate_interval"
_DISASTERS = (
    f'sum by (stage) (rate(cascade_labels_total{{@,label="disaster"}}[{_RATE}]))'
    f" / sum by (stage) (rate(cascade_labels_total{{@}}[{_RATE}]))"
)

_PROBABILITIES = [
    Panel(
        "heatmap", "Probabilities of the stage $stage", "P(disaster) of all tweets that reach the stage. Each stage "
        "has its own shape, which stays the same for weeks. If it changes without an event that explains it, the "
        "tweets have changed.", "short",
        [(f'sum by (le) (increase(cascade_stage_probability_bucket{{@,stage="$stage"}}[{_RATE}]))', "{{le}}")],
        base="blue", width=24,
    ),
    Panel(
        "lines", "Mean probability", "Mean P(disaster) of all tweets that reach a stage.", "percentunit",
        [(f"sum by (stage) (rate(cascade_stage_probability_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Disasters by classifier", "Share of the tweets that reach a stage to which its classifier gives "
        "P(disaster) > 0.5. If the stages drift apart, they no longer agree on what a disaster is.", "percentunit",
        [(f'1 - sum by (stage) (rate(cascade_stage_probability_bucket{{@,le="0.5"}}[{_RATE}]))'
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Disasters by deciding stage", "Share of disasters among the published labels of each stage.",
        "percentunit", [(_DISASTERS, "{{stage}}")], base="blue",
    ),
    Panel(
        "lines", "Deferrals", "Share of the tweets that reach a stage and that it defers to the next. A stage that "
        "defers more than before sees words that it does not know.", "percentunit",
        [(f"sum by (stage) (rate(cascade_deferrals_total{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_tweets_out_total{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
]  # fmt: skip

_QUALITY = [
    Panel(
        "lines", "Drift index", "Population stability index of the first stage's latest 10,000 probabilities against "
        "those of the training tweets. Up to 0.1 is usual. Above 0.25 the tweets differ from the training tweets and "
        "the accuracy measured in training no longer holds.",
        "short", [("max by (group) (cascade_drift_index{@})", "{{group}}")], [(0.1, "yellow"), (0.25, "red")],
    ),
    Panel(
        "lines", "Disagreement in audits", "Of the audited tweets, which an earlier stage decided, the share that the "
        "last stage would decide otherwise, over a day: what the cascade costs in accuracy. The limit is the upper "
        "bound from training.", "percentunit",
        [("group:cascade_audit_disagreement:ratio_increase1d{@}", "{{group}}"),
         ("max by (group) (cascade_audit_disagreement_limit{@})", "limit of {{group}}")], base="blue",
    ),
    Panel(
        "lines", "Audits", "Tweets that an earlier stage decided and the last stage classifies as well, while no "
        "records wait. Under a backlog there are none: the tweets drawn for an audit are dropped.", "short",
        [(f"sum by (stage) (rate(cascade_audits_total{{@}}[{_RATE}]))", "of {{stage}}, per second"),
         (f"sum(rate(cascade_audits_dropped_total{{@}}[{_RATE}]))", "dropped, per second"),
         ("sum(cascade_audits_waiting{@})", "waiting")], base="blue",
    ),
]  # fmt: skip

_COST = [
    Panel(
        "lines", "Time per tweet", "Of each stage, in batches of the present size.", "s",
        [(f"sum by (stage) (rate(cascade_stage_seconds_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_tweets_out_total{{@}}[{_RATE}]))", "{{stage}}")],
        [(0.01, "yellow")],
    ),
    Panel(
        "lines", "Tweets per batch", "Mean number of tweets of a batch that reach each stage. Small batches take more "
        "time per tweet and less in total.",
        "short",
        [(f"sum by (stage) (rate(cascade_stage_batch_size_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_batch_size_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Retraces", "How often TensorFlow traced a function for a shape that the warm-up missed, in 5 "
        "minutes. Tweets wait for each. Any retrace is a bug.", "short",
        [("sum(increase(cascade_retraces_total{@}[5m]))", "retraces")], [(1, "yellow")],
    ),
]  # fmt: skip

_VERSIONS = [
    Panel(
        "stack", "Workers by artifact", "Two colors during a reload are normal. If they stay, a worker rejected "
        "the new artifact.", "short",
        [("count by (model_version) (cascade_build_info{@})", "{{model_version}}")], base="blue", width=8,
    ),
    Panel(
        "lines", "Artifact reloads", "Reload attempts of all workers, by result. The log gives the reason of a "
        "rejection.", "short",
        [(f"sum by (result) (increase(cascade_artifact_reloads_total{{@}}[{_RATE}]))", "{{result}}")],
        [(1, "yellow")], width=8,
    ),
    Panel(
        "table", "Devices", "The devices that TensorFlow computes on, with the number of workers.", "short",
        [("count by (device, model) (cascade_device_info{@})", "")], base="blue", width=8,
    ),
    Panel(
        "table", "Versions", "Versions of the worker, its artifact and its libraries, with the number of workers.",
        "short",
        [("count by (version, model_version, tensorflow, kafka_python, python) (cascade_build_info{@})", "")],
        base="blue", width=24, height=6,
    ),
]  # fmt: skip

ROWS = {
    "Probabilities": _PROBABILITIES,
    "Drift and audits": _QUALITY,
    "Cost": _COST,
    "Versions": _VERSIONS,
}
