"""The table that `fit` prints."""

from rich.table import Table

from schemas import Manifest, Policy


def fit_table(manifest: Manifest) -> Table:
    """Return the accuracy of each stage alone and of the cascade, cross-validated and held out."""
    m, policy = manifest.metrics, manifest.policy
    table = Table(title="Accuracy", title_justify="left")
    for name in ("", "cross-validated", "held out", "decides"):
        table.add_column(name, justify="left" if not name else "right")
    for stage in manifest.stages:
        decides = f"{policy.stages[stage.name].decides:.1%}" if policy else ""
        alone = (m[f"{part}_{stage.name}_accuracy"] for part in ("out_of_fold", "held_out"))
        table.add_row(f"{stage.name} alone", *(f"{accuracy:.2%}" for accuracy in alone), decides)
    table.add_row("cascade", f"{m['out_of_fold_accuracy']:.2%}", f"{m['held_out_accuracy']:.2%}", style="bold")
    table.add_row("reach the last stage", f"{m['out_of_fold_deferral']:.1%}", f"{m['held_out_deferral']:.1%}")
    if policy:
        table.caption = _caption(policy, manifest.data.held_out_rows)
    return table


def _caption(policy: Policy, held_out: int) -> str:
    point = policy.chosen
    return (
        f"Goal: {policy.goal}. F1 {point.f1:.3f}: {point.f1_difference:+.4f} from the strong stage's on every tweet, "
        f"with 95 % confidence at least {point.f1_difference_low:+.4f} (not adjusted for the search). "
        f"The models alone take {point.seconds * 1e6:,.0f} us per tweet. {held_out} tweets are held out."
    )
