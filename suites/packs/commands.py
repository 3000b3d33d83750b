"""The commands `adaptbench pack …`. Thin: each opens what it needs, calls one function and
prints.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from suites.packs.own import Summary

app = typer.Typer(no_args_is_help=True, help="Make, check, import and look into packs.")

Target = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder to write; it must not exist yet.")
]
Reference = Annotated[
    str, typer.Argument(metavar="PACK", help="A pack's folder or a registered pack's name.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Replace the folder where it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Seed = Annotated[int, typer.Option(help="Another seed is another company.")]


@app.command("new")
def new(target: Target, seed: Seed = 0, replace: Replace = False) -> None:
    """Write a small filled-in pack with a guide and JSON Schemas, to be made one's own.

    \b
    Example:
      adaptbench pack new my_pack && adaptbench run rag --pack my_pack
    """
    from suites.packs.example import write_example

    typer.echo(f"{write_example(target, seed=seed, replace=replace)}: read its README.md first")


@app.command("generate")
def generate_pack(
    target: Target,
    seed: Seed = 0,
    scale: Annotated[float, typer.Option(help="Size; 1 is the default pack's.")] = 1.0,
    paraphrases: Annotated[int, typer.Option(min=1, max=4, help="Phrasings of each question.")] = 1,
    replace: Replace = False,
) -> None:
    """Generate a company that never existed: the same seed and scale give the same bytes on every
    machine.

    \b
    Examples:
      adaptbench pack generate private --seed 4711     a test set nobody has seen
      adaptbench pack generate large --scale 20 --paraphrases 4
    """
    from dataclasses import replace as changed

    from evals.core.errors import UsageError
    from suites.world.generate import generate
    from suites.world.size import Size

    if not 0.05 <= scale <= 1000:
        raise UsageError("--scale is out of range", found=scale, expected="0.05 to 1000")
    size = changed(Size().scaled(scale), paraphrases=paraphrases)
    typer.echo(str(generate(target, seed, size, replace=replace)))


@app.command("validate")
def validate_pack(
    pack: Reference,
    json: Json = False,
    limit: Annotated[int, typer.Option(min=1, help="Findings of one kind to print in full.")] = 20,
) -> None:
    """Check every line of a pack. Exit code 0: sound (there may be warnings); 3: errors.

    Found are broken lines, duplicate ids, dangling names, gold that no document supports,
    unanswerable items that are answered, missing twins, training that gives tests away, changed
    facts that are taught, unbalanced strata, odd sizes, paths out of the pack, and more; each with
    its file and line.
    """
    import sys

    from evals.core.errors import EXIT_DATA
    from evals.core.schema import encode
    from suites.packs.validate import validate

    found = validate(_folder(pack), limit)
    for finding in found.sorted():
        typer.echo(encode(finding).decode() if json else str(finding))
    for kind, count in sorted(found.counts.items()):
        if count > limit and not json:
            typer.echo(f"{count - limit} more [{kind}]")
    if not json:
        typer.echo(f"{found.errors} errors, {found.warnings} warnings", file=sys.stderr)
    if found.errors:
        raise typer.Exit(EXIT_DATA)


@app.command("stats")
def stats_of(pack: Reference, json: Json = False) -> None:
    """Count documents, items, clusters, training examples, facts and voices."""
    from evals.core.schema import encode
    from suites.packs.reader import open_pack
    from suites.packs.stats import stats

    found = stats(open_pack(_folder(pack)))
    if json:
        typer.echo(encode(found).decode())
    else:
        _print_tree(found)


@app.command("sample")
def sample_of(
    pack: Reference,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many items.")] = 5,
    suite: Annotated[str | None, typer.Option(help="Only of this suite.")] = None,
    track: Annotated[str | None, typer.Option(help="Only of this track.")] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Show a few items with their gold and gold documents, to judge a pack by eye."""
    from evals.core.schema import encode
    from suites.packs.reader import open_pack
    from suites.packs.sample import sample, shown

    opened = open_pack(_folder(pack))
    for item, documents in sample(opened, count, suite=suite, track=track, seed=seed):
        typer.echo(encode(item).decode() if json else f"{shown(item, documents)}\n")


@app.command("import")
def import_pack(
    target: Target,
    questions: Annotated[
        Path | None, typer.Option(help="Table of questions: CSV, TSV, JSONL or Parquet.")
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(help="Folder of Markdown, HTML, PDF or text files.")
    ] = None,
    name: Annotated[str, typer.Option(help="The company's name.")] = "our company",
    description: Annotated[str, typer.Option(help="One sentence on what the company does.")] = "",
    train: Annotated[
        Path | None, typer.Option(help="Training examples: JSON lines with `messages`.")
    ] = None,
    voice: Annotated[
        Path | None,
        typer.Option(help="20 or more texts of the brand's voice: a file, or a folder (see docs)."),
    ] = None,
    brand: Annotated[str, typer.Option(help="Name of the voice; default: that of --voice.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="question=COLUMN, answer=COLUMN, ...")
    ] = None,
    date: Annotated[
        str,
        typer.Option(help="Date of documents that do not say their own (default: the oldest)."),
    ] = "",
    taught: Annotated[
        str,
        typer.Option("--t0", help="Training sees documents dated up to then (default: all)."),
    ] = "",
    public: Annotated[
        str | None, typer.Option("--set", help="A public set instead of own files.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with the public set's files.")] = None,
    hub: Annotated[
        bool, typer.Option("--hub", help="Fetch the public set's version on the hub.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many items of a public set.")
    ] = None,
    replace: Replace = False,
) -> None:
    """Make a pack from your own questions and documents, or from a public set.

    \b
    Examples:
      adaptbench pack import my_pack --questions questions.csv --documents handbook/ --name Acme
      adaptbench pack import my_pack --questions q.csv --documents handbook/ \\
          --train chats.jsonl --voice letters/
      adaptbench pack import pubmed --set pubmedqa --data path/to/pubmedqa
      adaptbench pack import squad --set squad2 --hub --limit 500

    Public sets: abcd, bitext_support, clapnq, longtailqa, medquad, policyqa, pubmedqa, scifact,
    squad2, tatqa, truthfulqa. Their files are looked for below $ADAPTBENCH_DATA.
    """
    from evals.core.errors import UsageError
    from suites.packs.public import import_set
    from suites.packs.public.base import hub_loader

    if public is not None:
        loader = hub_loader if hub else None
        typer.echo(
            str(import_set(public, target, data=data, loader=loader, limit=limit, replace=replace))
        )
        return
    if questions is None or documents is None:
        raise UsageError("nothing to import", expected="--questions and --documents, or --set")
    from suites.packs.own import import_own
    from suites.packs.reader import check_date, open_pack

    for option, given in (("--date", date), ("--t0", taught)):
        if given:
            check_date(given, Path(option), None, option)
    company = {
        "name": name,
        "description": description or f"{name} answers its customers' questions.",
    }
    mapping = dict(_mapped(entry) for entry in column or ())
    summary = import_own(
        target,
        questions,
        documents,
        company=company,
        brand=brand or (voice.stem if voice else ""),
        columns=mapping,
        day=date,
        taught=taught,
        train=train,
        voice=voice,
        stand_in=lambda: open_pack(_folder("default")),
        replace=replace,
    )
    _print_summary(target, summary)


def _mapped(entry: str) -> tuple[str, str]:
    from evals.core.errors import UsageError

    key, sign, column = entry.partition("=")
    if not sign:
        raise UsageError("a column is named as KEY=COLUMN", found=entry)
    return key.strip(), column.strip()


def _print_summary(target: Path, summary: Summary) -> None:
    typer.echo(
        f"{target}: {summary.documents} documents, {summary.items} questions"
        f" ({summary.unanswerable} unanswerable)"
    )
    answerable = summary.items - summary.unanswerable
    typer.echo(f"gold documents found for {summary.linked} of {answerable} answerable questions")
    if summary.examples:
        typer.echo(
            f"{summary.examples} training examples, {summary.taught} of them beside the document"
            " that states their answer"
        )
    if summary.voices:
        counts = ", ".join(f"{count} {voice}" for voice, count in summary.voices.items())
        typer.echo(f"voice samples: {counts}")
        if not summary.decoys:
            typer.echo(
                "the voice is not validated: put texts of other voices on the same matters beside"
                " the brand's (a folder with a file a voice)"
            )
    if summary.unlinked:
        names = ", ".join(summary.unlinked[:10])
        typer.echo(f"no document states the answer to: {names} (name it in a column `document`)")
    if summary.two_ways:
        names = ", ".join(summary.two_ways[:10])
        typer.echo(
            f"dates that read two ways, both count as right: {names} (write them as 2025-04-03)"
        )
    ladder = "base rag finetuned hybrid" if summary.examples else "base rag"
    typer.echo(
        f"next: adaptbench pack validate {target}, then for each of {ladder}:"
        f" adaptbench run SYSTEM --pack {target} --profile full"
    )


def _folder(reference: str) -> Path:
    """A pack's folder: a registered name (generated or imported at first use) or the folder
    itself.
    """
    from evals.core.errors import UsageError
    from evals.core.paths import cache_dir
    from evals.core.registry import PACKS

    if reference in PACKS.targets():
        return PACKS.get(reference)(cache_dir(), 0)
    if not Path(reference).is_dir():
        raise UsageError(
            "no such pack",
            found=reference,
            expected=f"a folder, or one of: {', '.join(PACKS.names())}",
            hint="`adaptbench pack new DIR` makes one",
        )
    return Path(reference)


def _print_tree(value: Any, indent: int = 0) -> None:
    for key, entry in value.items():
        pad = "  " * indent
        if not isinstance(entry, dict):
            typer.echo(f"{pad}{key}: {entry}")
        elif indent and entry and all(isinstance(number, int) for number in entry.values()):
            typer.echo(
                f"{pad}{key}:"
                f" {', '.join(f'{number} {name}' for name, number in entry.items() if number)}"
            )
        else:
            typer.echo(f"{pad}{key}")
            _print_tree(entry, indent + 1)
