"""`adaptbench voice`: learn a brand's voice from its own texts, and tell how far that can be
trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evals.core.interfaces import Pack
    from evals.scorers.voice.model import VoiceModel
    from evals.scorers.voice.trust import Trust
    from evals.text.corpus import Sample

EXIT_INVALID = 3

app = typer.Typer(
    help="Learn a brand's voice from its own texts, and tell how far to trust it.",
    no_args_is_help=True,
)


@app.callback()
def root() -> None:
    """Learn a brand's voice from its own texts, and tell how far to trust it."""


@app.command()
def fit(
    brand: Annotated[
        str, typer.Option(help="Name of the voice; records name it as their brand, or none.")
    ],
    samples: Annotated[
        Path,
        typer.Option(help="50 to 200 texts: JSON lines (text), text by paragraphs, or a folder."),
    ],
    neutral: Annotated[
        Path | None, typer.Option(help="The same matters in plain prose; default: the pack's.")
    ] = None,
    decoys: Annotated[
        list[Path] | None,
        typer.Option(help="Another voice's texts; repeat it; default: the pack's."),
    ] = None,
    pack: Annotated[
        str, typer.Option(help="Pack whose voices stand in for what is not given.")
    ] = "default",
    out: Annotated[Path, typer.Option("--out", "--output", help="The fitted voice, JSON.")] = Path(
        "voice.json"
    ),
) -> None:
    """Learn a voice from 50 to 200 texts, measure it on held-out contents, and keep it as JSON.

    \b
    Examples:
      adaptbench voice fit --brand acme --samples acme.txt
      adaptbench voice fit --brand acme --samples acme/ --neutral manual.txt --decoys rival.txt --out acme.json
      adaptbench score voice --voice acme.json --input answers.jsonl --output scores.jsonl

    Prints what was measured. INVALID: the scorer follows content or marks rather than voice, or
    nothing can be said about that; then no answer is scored by it. NOT VALIDATED: no decoys were
    given. Decoys on the same topics make the best voice. Exit code 3 for texts that cannot be used.
    """
    from evals.scorers.voice import file, trust
    from evals.scorers.voice import fit as fitting
    from evals.text import corpus

    own = corpus.read_texts(samples)
    plain = corpus.read_texts(neutral) if neutral is not None else []
    others = _decoys(brand, decoys or [])
    voice_pack = None if plain and others else _pack(pack)
    model, held = fitting.fit(corpus.samples(brand, own, plain, others, voice_pack), brand)
    measured = trust.measure(model, held, bool(others))
    file.write(out, model, measured)
    typer.echo(trust.statement(model, measured))
    typer.echo(f"written: {out}")


def _decoys(brand: str, paths: Sequence[Path]) -> dict[str, list[Sample]]:
    from evals.core.errors import UsageError
    from evals.text import corpus

    found: dict[str, list[Sample]] = {}
    for path in paths:
        if path.stem in (brand, corpus.NEUTRAL, *found):
            raise UsageError(
                "two voices bear one name", where=path, found=path.stem, hint="rename the file"
            )
        found[path.stem] = corpus.read_texts(path)
    if brand == corpus.NEUTRAL:
        raise UsageError("this name is taken by plain prose", found=brand)
    return found


def _pack(name: str) -> Pack:
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack

    return open_pack(name, cache_dir())


@app.command()
def check(
    voice: Annotated[Path, typer.Argument(metavar="VOICE", help="What `voice fit` wrote.")],
    source: Annotated[
        Path | None, typer.Option("--input", help="Answers to try it on, as for `score`.")
    ] = None,
) -> None:
    """Tell how far a fitted voice can be trusted, and whether given answers are of the kind that it
    has learned.

    \b
    Examples:
      adaptbench voice check voice.json
      adaptbench voice check voice.json --input answers.jsonl

    Exit codes: 0 VALID, 3 INVALID, NOT VALIDATED or a file that cannot be used.
    """
    from evals.scorers.voice import file, trust

    model, measured = file.read(voice)
    typer.echo(trust.statement(model, measured))
    if source is not None:
        typer.echo(_tried(model, measured, source))
    sound = measured.decoys and not trust.problems(model, measured)
    raise typer.Exit(0 if sound else EXIT_INVALID)


def _tried(model: VoiceModel, measured: Trust, source: Path) -> str:
    from evals.core.jsonl import lines
    from evals.metrics.scoring import read_entry
    from evals.run.voice_trial import Trial

    trial = Trial(model, measured)
    for number, line in lines(source):
        trial.add(read_entry(line, source, number))
    return trial.summary()
