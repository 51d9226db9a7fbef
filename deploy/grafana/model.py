"""The model page: probabilities, drift, cost and versions."""

from deploy.grafana.panels import Panel

_RATE = "$__rate_interval"
_CLASS_1 = (
    f'sum by (stage) (rate(cascade_labels_total{{@,target="1"}}[{_RATE}]))'
    f" / sum by (stage) (rate(cascade_labels_total{{@}}[{_RATE}]))"
)

_PROBABILITIES = [
    Panel(
        "heatmap", "Probabilities of the stage $stage", "Probability of class 1, by default a disaster, of all tweets "
        "that reach the stage. Each stage has its own shape, which stays the same for weeks. If it changes without an "
        "event that explains it, the tweets have changed.", "short",
        [(f'sum by (le) (increase(cascade_stage_probability_bucket{{@,stage="$stage"}}[{_RATE}]))', "{{le}}")],
        base="blue", width=24,
    ),
    Panel(
        "lines", "Mean probability", "Mean probability of class 1 of all tweets that reach a stage.", "percentunit",
        [(f"sum by (stage) (rate(cascade_stage_probability_sum{{@}}[{_RATE}]))"
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Class 1 by classifier", "Share of the tweets that reach a stage to which its classifier gives "
        "class 1, by default a disaster. If the stages drift apart, they no longer agree on what belongs to it.",
        "percentunit",
        [(f'1 - sum by (stage) (rate(cascade_stage_probability_bucket{{@,le="0.5"}}[{_RATE}]))'
          f" / sum by (stage) (rate(cascade_stage_probability_count{{@}}[{_RATE}]))", "{{stage}}")],
        base="blue",
    ),
    Panel(
        "lines", "Class 1 by deciding stage", "Share of class 1, by default a disaster, among the published "
        "labels of each stage.",
        "percentunit", [(_CLASS_1, "{{stage}}")], base="blue",
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
        "last stage would decide otherwise, over a day, by segment: what the cascade costs in accuracy. The limit is "
        "the upper bound from training; above it, bands are widened once the evidence suffices.", "percentunit",
        [("max by (segment) (group:cascade_audit_disagreement:ratio_increase1d{@})", "{{segment}}"),
         ("max(cascade_audit_disagreement_limit{@})", "limit")], base="blue",
    ),
    Panel(
        "lines", "Audits", "Tweets that an earlier stage decided and the last stage classifies as well, by segment.",
        "short", [(f"sum by (segment) (rate(cascade_audits_total{{@}}[{_RATE}]))", "{{segment}}, per second")],
        base="blue",
    ),
    Panel(
        "stack", "Tweets by segment", "By the share of their words that the first stage knows, in percent. Of tweets "
        "like those of the training, nearly all are in the highest segment; of other languages, in the lowest.",
        "short", [(f"sum by (segment) (rate(cascade_segment_tweets_total{{@}}[{_RATE}]))", "{{segment}}, per second")],
        base="blue",
    ),
    Panel(
        "lines", "Evidence by segment", "That the present bands break the promise, or that narrower ones keep it. "
        "At 100 % the bands change and the evidence begins again.", "percentunit",
        [("max by (segment, promise) (cascade_promise_evidence_ratio{@})", "{{segment}} {{promise}}")],
        [(1, "yellow")],
    ),
    Panel(
        "lines", "Widened bands", "0 % is as trained. At 100 % the stage decides nothing of the segment, since it "
        "would decide too much that the last stage overrules.", "percentunit",
        [("max by (segment, stage) (cascade_band_width_ratio{@})", "{{segment}}, {{stage}}")], [(0.01, "yellow")],
        width=24,
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
        "table", "Devices", "The devices that the models compute on, with the number of workers.", "short",
        [("count by (device, model) (cascade_device_info{@})", "")], base="blue", width=8,
    ),
    Panel(
        "table", "Versions", "Versions of the worker, its artifact and its libraries, with the number of workers.",
        "short",
        [("count by (version, model_version, onnxruntime, kafka_python, python) (cascade_build_info{@})", "")],
        base="blue", width=24, height=6,
    ),
]  # fmt: skip

ROWS = {
    "Probabilities": _PROBABILITIES,
    "Drift and audits": _QUALITY,
    "Cost": _COST,
    "Versions": _VERSIONS,
}
