"""Makes the model ``adaptbench`` known to the `lm_eval` command line, which looks for no plugins
itself.

torch calls `register` when it is imported (entry point ``torch.backends``); where lm-eval is what
imports it, a name is put into lm-eval's registry, and nothing is loaded. Anywhere else this does
nothing. It stands alone at the top level so that no folder of another project can shadow it: torch
cannot be imported where this module cannot. ``TORCH_DEVICE_BACKEND_AUTOLOAD=0`` turns it off;
``import evals.bridges.lm_eval_model`` does the same without it.
"""

from __future__ import annotations

import sys


def register() -> None:
    """Add the name, where lm-eval is running and does not have it. Never raises."""
    if "lm_eval" not in sys.modules:
        return
    try:
        import lm_eval.models  # noqa: F401  its own names come first: a registry that is not empty is not filled
        from lm_eval.api.registry import model_registry

        if "adaptbench" not in model_registry:
            model_registry.register("adaptbench", target="evals.bridges.lm_eval_model:AdaptbenchLM")
    except (ImportError, AttributeError, TypeError, ValueError):
        return
