"""The user's sentence encoder as training uses it, and the chains of stages that may."""

from collections.abc import Sequence
from pathlib import Path

from training.cascade.candidates import STRONG, WITH_OTHER_ENCODER, all_chains
from training.cascade.measurement import Chain
from training.models import ON_OTHER_ENCODER
from training.models.cached_encoder import CachedReader
from training.sentence_encoder.export import OtherEncoder, export_other_encoder
from worker.errors import SettingError
from worker.models.sentence_encoder.served import ServedEncoder


def export_reader(encoder: OtherEncoder, folder: Path, texts: Sequence[str]) -> CachedReader:
    """Write the user's encoder, calibrated on the texts, and return it as training uses it."""
    return CachedReader(ServedEncoder(folder, only=export_other_encoder(encoder, folder, texts)))


def chains_to_try(stages: Chain | None, encoder: Path | None) -> list[Chain]:
    """Return the chains to try.

    Args:
        stages: the only chain, if the user gives it.
        encoder: the folder of the user's sentence encoder, if any.

    Raises:
        SettingError: the stages need such an encoder and there is none, or the reverse.

    """
    if stages is None:
        return list(all_chains(strong=WITH_OTHER_ENCODER if encoder else STRONG))
    needing = [name for name in stages if name in ON_OTHER_ENCODER]
    if needing and not encoder:
        raise SettingError(f"--stages: {needing[0]} needs a sentence encoder; give its folder with --encoder DIR")
    if encoder and not needing:
        raise SettingError(f"--encoder: no stage uses it; add {' or '.join(sorted(ON_OTHER_ENCODER))} to --stages")
    return [stages]
