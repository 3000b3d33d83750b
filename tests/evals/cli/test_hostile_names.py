"""Names that drive a terminal, forge lines or make live Markdown stay harmless in every command."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt

from evals.cli.main import run
from evals.core.inert import escape, json_line, plain
from suites.packs.example import write_example
from tests.evals.report.planted import FAMILY, items, plant

EVIL = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07\u202e\x9b2J\n::error::forged\r"
    " [a](http://evil.example) ![i](https://evil.example/i.png) @octocat a@evil.example #12"
    " www.evil.example <img src=x> <https://evil.example> | `code` \\[b](x) [r]: http://evil.example"
)
COMMANDS = (
    ("list", "runs"),
    ("show", "hybrid"),
    ("show", "hybrid", "--item", f"{EVIL}/1"),
    ("show", "hybrid", "--item", EVIL),
    ("show", EVIL),
    ("leaderboard",),
    ("leaderboard", "--history"),
    ("leaderboard", "--pack", EVIL),
    ("compare", "rag", "hybrid", "--full", "--markdown", "{md}"),
    ("compare", "rag", EVIL),
    ("ladder", "--markdown", "{md}"),
    ("gate", "--candidate", "hybrid", "--baseline", "rag", "--markdown", "{md}"),
    (
        "gate",
        "--candidate",
        "hybrid",
        "--baseline",
        "rag",
        "--policy",
        "{policy}",
        "--markdown",
        "{md}",
    ),
    ("report", "--out", "{md}"),
    ("cost", "rag", "hybrid", "--markdown", "{md}"),
    ("seeds", "rag", "hybrid", "--markdown", "{md}"),
    ("label", "hybrid", "--summary"),
    ("rescore", EVIL),
)
PACK_COMMANDS = (
    ("pack", "stats", "{pack}"),
    ("pack", "stats", "{pack}", "--json"),
    ("pack", "sample", "{pack}", "-n", "40"),
    ("pack", "sample", "{pack}", "-n", "40", "--json"),
    ("pack", "sample", "{pack}", "--track", EVIL),
    ("pack", "validate", "{pack}"),
    ("pack", "import", "{new}", "--questions", "{table}", "--documents", "{docs}", "--name", EVIL),
    ("plan", "--pack", "{pack}"),
    ("list", EVIL),
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs whose systems, packs, tracks, items, questions, answers and metrics have evil names."""
    folder = tmp_path_factory.mktemp("results")
    suites = ("domain_accuracy", "hallucination", "brand_tone", "latency_cost")
    asked = [
        msgspec.structs.replace(
            item, id=f"{EVIL}/{n}", track=EVIL, question=EVIL, cluster=f"{EVIL}{n}", trap=EVIL
        )
        for n, item in enumerate(items(16, suites))
    ]
    texts = {item.id: EVIL for item in asked}
    systems = [replace(system, name=f"{system.name}{EVIL}") for system in FAMILY]
    plant(folder, systems, suites=suites, asked=asked, texts=texts)
    return folder


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Files that commands read and write, with evil names in them."""
    pack = write_example(tmp_path / "pack")
    file = pack / "items.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line |= {"track": EVIL, "question": EVIL}
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a\x1b[31m@octocat.md").write_text("# Hours\n\nOpen on 4/5/2025.\n", encoding="utf-8")
    table = tmp_path / "table.csv"
    table.write_text('id,question,answer\n"\x1b[31m[a](http://evil.example)",When?,2025\n')
    policy = tmp_path / "policy\x1b[31m@octocat.toml"
    source = Path("evals/analysis/policies/screen.toml").read_text(encoding="utf-8")
    policy.write_text(source, encoding="utf-8")
    named = {"pack": pack, "docs": docs, "table": table, "policy": policy}
    named |= {"md": tmp_path / "page.md", "new": tmp_path / "new"}
    return {name: str(path) for name, path in named.items()}


def check_terminal(text: str) -> None:
    found = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}
    assert not found
    assert not re.search(r"^\s*::error", text, re.MULTILINE)


def check_markdown(text: str) -> None:
    """No link, image, HTML, mention or reference to an issue is left for GitHub to bring alive."""
    own = {"<details><summary>What was not measured, and why</summary>\n"}
    own |= {"<details><summary>Runs</summary>\n", "</details>\n"}
    assert not re.search(r"https?://|www\.", text)
    parser = MarkdownIt("commonmark").enable("table")
    blocks = parser.parse(text)
    assert not {t.content for t in blocks if t.type == "html_block"} - own
    inner = [t for block in blocks for t in block.children or ()]
    kinds = {t.type for t in inner if "evil" in t.content or "img" in t.content}
    assert not kinds & {"code_inline", "html_inline", "image"}
    assert not any("evil" in str(t.attrs) for t in inner)
    shown = html.unescape(parser.render(text))
    assert not re.search(r"@octocat|a@evil|#12", shown)


@pytest.mark.parametrize(
    "command", [*COMMANDS, *PACK_COMMANDS], ids=lambda c: ascii(" ".join(c))[:40]
)
def test_hostile_names_are_shown_and_obeyed_by_nothing(
    command: tuple[str, ...],
    results: Path,
    places: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [places.get(part.strip("{}"), part) for part in command]
    if command[0] not in ("pack", "plan") and command[-1] != EVIL:
        arguments += ["--results", str(results)]
    code = run(arguments)
    shown = capsys.readouterr()
    assert "unexpected" not in shown.err
    assert code in (0, 2, 3, 10, 20)
    assert shown.out + shown.err
    check_terminal(shown.out + shown.err)
    if Path(places["md"]).exists():
        check_markdown(Path(places["md"]).read_text(encoding="utf-8"))


def test_the_leaderboard_file_is_inert(results: Path) -> None:
    run(["leaderboard", "--results", str(results)])
    check_markdown((results / "leaderboard.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", [EVIL, "][x]: http://a", "]\\(http://a)", "\\](a)", "WWW.a.b", "a|b"]
)
def test_escaped_text_still_reads_as_it_was(text: str) -> None:
    check_markdown(escape(text))
    rendered = html.unescape(MarkdownIt("commonmark").renderInline(escape(text)))
    assert rendered.replace("\u200b", "").replace("\\|", "|") == plain(text)


def test_json_on_a_terminal_decodes_to_the_same() -> None:
    line = json_line({"name": EVIL + "\U000e0001"})
    check_terminal(line)
    assert json.loads(line)["name"] == EVIL + "\U000e0001"
