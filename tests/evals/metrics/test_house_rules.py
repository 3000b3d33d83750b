"""House rules in Vale's format: each kind, its exceptions, its bounds, and errors that name the
rule.
"""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from evals.cli.main import run
from evals.core.errors import DataError
from evals.metrics.house_rules import SECONDS, TooSlow, read_checks
from evals.metrics.rule_pass import read_rules
from tests.evals.metrics.build import item, metric, said

ROOT = Path(__file__).resolve().parents[3]


def breach(text: str, **check: Any) -> str | None:
    (rule,) = read_checks([check], "rules.toml")
    return rule.breach(text)


@pytest.mark.parametrize(
    ("check", "good", "bad", "message"),
    [
        (
            {"extends": "existence", "tokens": ["leverage", "synergy"]},
            "Leveraged.",
            "A synergy!",
            "synergy",
        ),
        (
            {"extends": "existence", "tokens": ["leverage"], "ignorecase": True},
            "x",
            "LEVERAGE it",
            "LEVERAGE",
        ),
        (
            {"extends": "existence", "tokens": [r"\.\.\."], "nonword": True},
            "a. b.",
            "wait...",
            "...",
        ),
        (
            {"extends": "existence", "tokens": ["—"], "nonword": True, "scope": "raw"},
            "a - b",
            "a — b",
            "—",
        ),
        (
            {"extends": "existence", "raw": [r"\b(?:is|was)\s+"], "tokens": [r"\w+ed"]},
            "it is hot",
            "it was closed",
            "was closed",
        ),
        (
            {"extends": "existence", "tokens": [r"\w+ing"], "exceptions": ["thing", "King"]},
            "the thing",
            "a king running",
            "king",
        ),
        (
            {"extends": "existence", "tokens": ["^So(?! that)"], "scope": "paragraph"},
            "And so.\n\nSo that it",
            "Well.\n\nSo we go",
            "So",
        ),
        (
            {
                "extends": "substitution",
                "swap": {"utilize": "use"},
                "message": "Use '%s', not '%s'.",
            },
            "use",
            "We utilize it",
            "Use 'use', not 'utilize'.",
        ),
        (
            {"extends": "substitution", "swap": {"am": "AM"}, "ignorecase": True},
            "at 9 AM",
            "at 9 am",
            "am → AM",
        ),
        (
            {"extends": "substitution", "swap": {"(?<!pre-| co-)order": "buy"}},
            "pre-order",
            "order",
            "order → buy",
        ),
        ({"extends": "substitution", "swap": {"x": "y"}, "exceptions": ["x"]}, "x", "", None),
        (
            {"extends": "occurrence", "token": r"\w+", "max": 2, "scope": "sentence"},
            "We do. So.",
            "It is so.",
            "3",
        ),
        ({"extends": "occurrence", "token": "!", "min": 1}, "Hi!", "Hi.", "0"),
        (
            {"extends": "repetition", "tokens": [r"[^\s.]+"], "alpha": True},
            "that 5 5 The the",
            "that that",
            "that",
        ),
        (
            {"extends": "repetition", "tokens": [r"[^\s.]+"], "ignorecase": True},
            "a b a",
            "The the end",
            "the",
        ),
        (
            {"extends": "repetition", "tokens": ["very"], "max": 1},
            "very very",
            "very very very",
            "very",
        ),
    ],
)
def test_each_kind(check: dict[str, Any], good: str, bad: str, message: str | None) -> None:
    assert breach(good, **check) is None
    assert breach(bad, **check) == message


@pytest.mark.parametrize(
    ("check", "said_of_it"),
    [
        ({"extends": "capitalization", "match": "$title"}, "capitalization"),
        ({"extends": "existence", "tokens": ["("]}, "missing"),
        ({"extends": "existence"}, "1 to"),
        ({"extends": "existence", "tokens": ["x"], "scope": "heading"}, "heading"),
        ({"extends": "existence", "token": ["x"]}, "token"),
        ({"extends": "substitution", "swap": {}}, "empty"),
        ({"extends": "occurrence", "token": "x"}, "max or min"),
        ({"extends": "existence", "tokens": ["x" * 60_000]}, "60"),
        ("no table", "object"),
    ],
)
def test_a_broken_rule_is_named(check: Any, said_of_it: str) -> None:
    named = {"name": "Mine", **check} if isinstance(check, dict) else check
    with pytest.raises(DataError) as caught:
        read_checks([{"extends": "existence", "tokens": ["fine"]}, named], "rules.toml")
    assert said_of_it in str(caught.value)
    assert "house rule Mine" in str(caught.value) or "house rule 2" in str(caught.value)


def test_a_runaway_pattern_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("evals.metrics.house_rules.SECONDS", 0.05)
    runaway = r"(a|aa)+$"
    with pytest.raises(TooSlow, match="Slow"):
        breach("a" * 60 + "b", name="Slow", extends="existence", tokens=[runaway], nonword=True)
    path = tmp_path / "rules.toml"
    path.write_text(
        "[[rules.checks]]\nname = 'Slow'\nextends = 'existence'\nnonword = true\ntokens ="
        f" ['{runaway}']\n"
    )
    rule_pass = metric("rule_pass", rules=read_rules(path))
    score = rule_pass.score(item(), said("a" * 60 + "b"))
    assert (score.unscored, score.detail) == ("invalid_metric", {"too_slow": "Slow"})


def test_suggestions_break_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rules.checks]]\nname = "A"\nextends = "existence"\nlevel = "suggestion"\ntokens ='
        ' ["very"]\n[[rules.checks]]\nname = "B"\nextends = "existence"\ntokens = ["bad"]\n'
    )
    rule_pass = metric("rule_pass", rules=read_rules(path))
    assert rule_pass.score(item(), said("Very very good.")).detail == {
        "broken": [],
        "suggestions": ["A: very"],
    }
    assert rule_pass.score(item(), said("bad")).value == 0.0


def test_the_documented_example_reads_and_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    block = page[page.index("    [rules]\n") : page.index("Scopes are `text`")]
    path = tmp_path / "house.toml"
    path.write_text("\n".join(line[4:] for line in block.splitlines()), encoding="utf-8")
    assert len(tomllib.loads(path.read_text())["rules"]["checks"]) == 4
    broken, hints = read_rules(path).broken(
        "In order to go, it was closed closed. As an AI, I purchase."
    )
    assert broken == [
        "banned: as an AI",
        "PlainWords: Use 'to' rather than 'In order to'.",
        "Twice: closed",
    ]
    assert hints == ["NoPassive: was closed"]


def test_unknown_keys_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[rules]\nbaned = ["x"]\n')
    with pytest.raises(DataError, match="baned"):
        read_rules(path)
    with pytest.raises(DataError):
        read_rules(tmp_path / "missing.toml")


def test_rules_without_a_pack(tmp_path: Path) -> None:
    rules, source, output = (tmp_path / name for name in ("r.toml", "a.jsonl", "s.jsonl"))
    rules.write_text('[rules]\nbanned = ["cheap"]\n')
    source.write_text(
        '{"id": 1, "response": "It is cheap."}\n{"id": 2, "response": "It costs $2."}\n'
    )
    assert (
        run(
            [
                "score",
                "rule_pass",
                "--rules",
                str(rules),
                "--input",
                str(source),
                "--output",
                str(output),
            ]
        )
        == 0
    )
    values = [json.loads(line)["rule_pass"]["value"] for line in output.read_text().splitlines()]
    assert values == [0.0, 1.0]


def test_time_is_bounded_for_an_answer_and_not_for_each_of_its_searches(tmp_path: Path) -> None:
    """Eight rules over fifty sentences, each of which takes long, take no longer than one."""
    runaway = r"(a|aa)+$"
    check = {"extends": "existence", "scope": "sentence", "nonword": True, "tokens": [runaway]}
    file = tmp_path / "rules.toml"
    file.write_text(tomli_w.dumps({"rules": {"banned": [f"/{runaway}/"], "checks": [check] * 8}}))
    rules = read_rules(file)
    began = time.process_time()  # as the library counts
    with pytest.raises(TooSlow):
        rules.broken(("Here " + "a" * 60 + "b. ") * 50)
    assert time.process_time() - began < 2 * SECONDS


@pytest.mark.parametrize(
    "written",
    [
        'banned = "sorry"',
        "banned = [1]",
        'banned = [""]',
        "banned = { a = 1 }",
        'required = ["/(/"]',
        "max_sentences = 0",
        'max_words = "ten"',
        "max_words = true",
        "checks = 3",
        "checks = [3]",
        "baned = []",
    ],
)
def test_wrong_types_are_one_error_that_names_the_file(tmp_path: Path, written: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[rules]\n{written}\n")
    with pytest.raises(DataError, match=r"rules\.toml"):
        read_rules(file)


@pytest.mark.parametrize("text", ["rules = 3", "rules = []", "[rules", "a = " + "[" * 5000])
def test_a_file_that_is_no_table_of_rules_is_one_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(DataError, match=r"rules\.toml"):
        read_rules(file)
