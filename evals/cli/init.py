"""`adaptbench init`: a folder in which one's own evaluation runs at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from evals.core.inert import say

FILES: Final = {
    "adaptbench.toml": """\
# Defaults of the command line in this folder. What is typed wins.
[defaults]
results = "results"

[run]
pack = "pack"
profile = "full"

[plan]
pack = "pack"

[gate]
policy = "policy.toml"
""",
    "bot.py": '''\
"""The system under test: replace `answer` by a call of your own."""

import json
from pathlib import Path

LINES = Path("pack/documents.jsonl").read_text(encoding="utf-8").splitlines()
DOCUMENTS = [json.loads(line) for line in LINES]


def answer(request):
    """The document that shares most words with the question."""
    asked = set(request.question.lower().split())
    best = max(DOCUMENTS, key=lambda d: len(asked & set(d["text"].lower().split())))
    return {"text": best["text"], "passages": [{"id": best["id"], "text": best["text"]}]}
''',
    "bot.toml": """\
kind = "python"
about = "our bot"
target = "bot:answer"
""",
    ".github/workflows/evaluate.yml": """\
name: evaluate
on: [pull_request]
permissions: { contents: read }
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: "3.12", cache: pip }
      - run: pip install adaptbench  # or the address that you install it from
      - run: adaptbench run always_abstain && adaptbench run oracle && adaptbench run bot.toml
      - run: adaptbench gate --candidate bot --baseline always_abstain --markdown gate.md
      - if: always()
        run: if [ -f gate.md ]; then cat gate.md >> "$GITHUB_STEP_SUMMARY"; fi
""",
    ".gitignore": "results/\n__pycache__/\n",
}


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder; new, or empty.")],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Write into a folder that holds files.")
    ] = False,
) -> None:
    """Make a project folder: a system, a pack, a policy, a workflow and adaptbench.toml.

    \b
    Examples:
      adaptbench init my_bot && cd my_bot && adaptbench run bot.toml

    Files that are already there are left alone.
    """
    import importlib.resources

    from evals.cli.main import run
    from evals.core.errors import UsageError
    from evals.core.paths import ensure_dir, write_atomic

    if folder.exists() and not folder.is_dir():
        raise UsageError("a file, not a folder", where=folder)
    if not yes and folder.is_dir() and any(folder.iterdir()):
        raise UsageError("this folder holds files", where=folder, hint="--yes adds to them")
    policy = importlib.resources.files("evals.analysis") / "policies" / "default.toml"
    files = {**FILES, "policy.toml": policy.read_text(encoding="utf-8")}
    for name, text in files.items():
        path = folder / name
        if not path.exists():
            ensure_dir(path.parent)
            write_atomic(path, text)
    if not (folder / "pack").exists():
        code = run(["pack", "new", str(folder / "pack")])
        if code:
            raise typer.Exit(code)
    say(f"next: cd {folder} && adaptbench run bot.toml")
