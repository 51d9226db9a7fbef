"""The table that `fit` prints."""

from rich.table import Table

from schemas import EncoderFacts, Manifest, Policy

_KINDS = ("out_of_fold", "grouped", "held_out")
_COLUMNS = ("", "random folds", "unseen groups", "held out", "decides")


def fit_table(manifest: Manifest) -> Table:
    """Return the accuracy of each stage alone and of the cascade, in both kinds of folds and held out."""
    m, policy = manifest.metrics, manifest.policy
    table = Table(title="Accuracy", title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name else "left")
    for stage in manifest.stages:
        decides = f"{policy.stages[stage.name].decides:.1%}" if policy else ""
        table.add_row(f"{stage.name} alone", *_row(m, f"{stage.name}_accuracy", 2), decides)
    table.add_row("cascade", *_row(m, "accuracy", 2), style="bold")
    table.add_row("reach the last stage", *_row(m, "deferral", 1))
    if policy:
        overruled = (policy.random.overruled_high, policy.overruled_high)
        table.add_row("overruled early decisions, at most", *(f"{share:.1%}" for share in overruled))
        table.caption = _caption(policy, manifest) + "".join(
            _about_encoder(name, facts)
            for name, facts in (("USE", manifest.encoder), ("Your encoder", manifest.other_encoder))
        )
    return table


def _row(metrics: dict[str, float], name: str, digits: int) -> list[str]:
    return [f"{metrics[f'{kind}_{name}']:.{digits}%}" for kind in _KINDS]


def _about_encoder(name: str, facts: EncoderFacts | None) -> str:
    if facts is None:
        return ""
    out_of_fold = facts.out_of_fold_accuracy - facts.out_of_fold_accuracy_float32
    held_out = facts.held_out_accuracy - facts.held_out_accuracy_float32
    return (
        f" {name} was measured in {facts.type}. Against float32 {facts.changed} of {facts.unseen:,} labels of "
        f"{facts.stage} change; its accuracy is {out_of_fold:+.2%} cross-validated and {held_out:+.2%} held out."
    )


def _caption(policy: Policy, manifest: Manifest) -> str:
    point = policy.chosen
    return (
        f"Goal: {policy.goal}. Groups: {policy.grouped_by}; no group is in training and test at once, and the cascade "
        f"is chosen there. F1 there {point.f1:.3f}: {point.f1_difference:+.4f} from the strong stage's on every tweet, "
        f"with 95 % confidence at least {point.f1_difference_low:+.4f} (not adjusted for the search). "
        f"Probabilities assume that {policy.prior:.0%} of the stream's tweets are of class {manifest.classes[1]} "
        "(--prior). "
        f"The models alone take {policy.random.point.seconds * 1e6:,.0f} us per tweet like those of the training. "
        f"{manifest.data.held_out_rows} tweets are held out."
    )
