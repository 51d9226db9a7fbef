"""Facts of the machine."""

from benchmarks.results.facts import cpu_flags, cpu_model

CPUINFO = """\
processor\t: 0
model name\t: Some CPU @ 2.00GHz
flags\t\t: fpu avx avx2 avx512f avx512_bf16 amx_tile amx_bf16 pavx2
processor\t: 1
flags\t\t: avx2
"""


def test_the_cpu_is_described_by_its_model_and_vector_flags() -> None:
    """The encoder's speed depends on AVX-512 and AMX, so that figures of two machines differ for a visible reason."""
    assert cpu_model(CPUINFO) == "Some CPU @ 2.00GHz"
    assert cpu_flags(CPUINFO) == "avx2 avx512f avx512_bf16 amx_tile amx_bf16"


def test_missing_cpu_flags_are_stated() -> None:
    """No flags and an unknown CPU are different facts."""
    assert cpu_flags("flags\t: fpu sse2\n") == "no avx2, avx512* or amx*"
    assert cpu_flags("") == "unknown"
    assert cpu_model("")
