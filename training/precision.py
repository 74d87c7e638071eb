"""How exactly a network computes while it learns: in bfloat16 where the processor has it, elsewhere in float32.

A processor without it imitates it: there a step took eleven times as long in bfloat16 as in float32 (AMD EPYC of Zen 3,
2026-11-30).
"""

from typing import Final

import torch

_KNOWN_AS: Final = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")  # on x86 and on ARM


def has_bfloat16() -> bool:
    """Tell whether this processor computes in bfloat16 by itself."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in _KNOWN_AS)


def learning_precision() -> torch.autocast:
    """Return the context in which a network learns, and is asked while it learns."""
    return torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16())
