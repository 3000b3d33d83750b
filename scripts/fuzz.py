"""Mutates valid inputs of every reader: each is to be read, or refused as an AdaptbenchError.

    python -m scripts.fuzz --minutes 30       prints inputs tried; exit code 1 on a find
    python -m scripts.fuzz --minutes 0.2      what CI runs

A find is any other exception, or an input that takes more than `SECONDS` of the processor. Its
bytes are written to ``--finds``.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Final

from evals.analysis.policy import read_policy
from evals.core import json_schemas, jsonl
from evals.core.errors import AdaptbenchError
from evals.core.inert import escape, plain, visible
from evals.core.normalise import clean_json, normalised
from evals.core.registry import read_config
from evals.core.schema import Item, Passage, Response, Slot, encode
from evals.core.store import open_run
from evals.core.traces.reader import Reader
from evals.http.chat import _Parts
from evals.http.transport import Trouble, parsed
from evals.metrics.rule_pass import read_rules
from evals.metrics.scoring import metrics_named, read_entry, score_entry
from evals.serve.wire import BadRequest, chat_of_response, read_request
from suites.packs.example import write_example
from suites.packs.own.documents import read_documents
from suites.packs.own.questions import read_questions
from suites.packs.validate import validate

SECONDS: Final = 10.0
WORDS: Final = (
    b"null", b"true", b"-1", b"1e999", b"NaN", b"[]", b"{}", b'""', b"\x00", b"\xff", b"\x1b[2J",
    "\u202e".encode(), b"\\ud800", b'"' + b"a" * 5000 + b'"', b"[" * 2000, b"9" * 400,
    b"<div>" * 50,
    b"http://127.0.0.1:1/", b"file:///etc/passwd", b"../../etc/passwd", b"(a+)+$", b"\n", b"=",
)  # fmt: skip
METRICS: Final = "answer_match,groundedness,schema_valid,abstention,field_f1"
RECORD: Final = (
    b'{"id":"1","question":"Is it 5 km?","response":"{\\"a\\":1} It is 5 km.","contexts":["It is 5'
    b' km to Kelder."],"references":["5 km"],"answerable":true,"schema":{"type":"object",'
    b'"properties":{"a":{"type":"integer","pattern":"^a+$"}},"required":["a"]}}'
)
RULES: Final = (
    b'[rules]\nbanned = ["sorry", "/a+b/"]\nmax_words = 9\n[[rules.checks]]\nextends ='
    b' "existence"\ntokens = ["very", "a.c"]\nlevel = "warning"\n'
)
CHAT: Final = (
    b'{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"stop":"x",'
    b'"max_tokens":5,"stream":true,"response_format":{"type":"json_schema","json_schema":{"name":'
    b'"x","schema":{"type":"object"}}},"tools":null}'
)
EVENT: Final = (
    b'{"choices":[{"index":0,"delta":{"content":"hi","reasoning":"x"},"logprobs":{"content":['
    b'{"logprob":-0.5}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":'
    b'2,"prompt_tokens_details":{"cached_tokens":1}}}'
)
TABLE: Final = b"id,question,answer\n1,When?,5 km\n"
PAGE: Final = b"<html><title>a</title><body><p>hi <b>x</b></p></body>"
TRACE: Final = (
    b'{"request":{"model":"m","messages":[{"role":"user","content":"hi"}]},"response":{"choices":['
    b'{"message":{"role":"assistant","content":"yes"}}],"usage":{"prompt_tokens":3}}}\n'
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with one to six edits: bytes changed, cut, repeated, moved, or words put in."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.randint(1, 40))
        edit = chance.randrange(5)
        if edit == 0:
            out[at:at] = chance.choice(WORDS)
        elif edit == 1:
            out[at:end] = chance.choice(WORDS)
        elif edit == 2:
            del out[at:end]
        elif edit == 3:
            out[at:at] = out[at:end] * chance.randint(1, 20)
        elif out and at < len(out):
            out[at] = chance.randrange(256)
    return bytes(out)


def readers(folder: Path) -> dict[str, tuple[Sequence[bytes], Callable[[bytes], object]]]:
    """Every reader with valid inputs and a function that reads one."""
    pack = write_example(folder / "pack")
    metrics = metrics_named(METRICS.split(","))

    def at(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        place = folder / name

        def one(data: bytes) -> object:
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(data)
            return read(place)

        return one

    def of_pack(name: str) -> tuple[Sequence[bytes], Callable[[bytes], object]]:
        seed = (pack / name).read_bytes()

        def one(data: bytes) -> object:
            (pack / name).write_bytes(data)
            try:
                return validate(pack).sorted()
            finally:
                (pack / name).write_bytes(seed)

        return [seed], one

    def score(data: bytes) -> object:
        return encode(score_entry(read_entry(data), metrics))

    def event(data: bytes) -> object:
        parts = _Parts(None)
        parts.take(parsed(data), "delta")
        return parts.completion()

    def responses(place: Path) -> object:
        return [encode(normalised(found)) for found in jsonl.read(place, Response)]

    def schema(data: bytes) -> object:
        try:
            table = clean_json(data)
        except (ValueError, RecursionError):  # as every caller does
            return None
        json_schemas.check(table)
        return json_schemas.problem(table, {"a": ["x"] * 50})

    def text(data: bytes) -> object:
        shown = data.decode("utf-8", "surrogateescape")
        return plain(shown), escape(shown), visible(shown)

    answer = encode(Response("a", text="x", passages=(Passage("p", "d", 0.5, "t"),)))
    item = encode(Item("a", "s", "t", "q", "c", gold=(Slot("n", "number", "5"),)))
    form = b'{"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#/$defs/x"}}},'
    form += b'"$defs":{"x":{"type":"string","pattern":"^(a|b)+$"}}}'
    policy = Path("evals/analysis/policies/default.toml").read_bytes()
    system = b'kind = "http"\nname = "x"\nurl = "http://127.0.0.1:1"\n[headers]\na = "b"\n'
    found: dict[str, tuple[Sequence[bytes], Callable[[bytes], object]]] = {
        f"pack {name}": of_pack(name)
        for name in sorted(p.name for p in pack.iterdir() if p.suffix in (".jsonl", ".toml"))
    }
    return found | {
        "records": ([RECORD], score),
        "responses": (
            [answer],
            at("r.jsonl", lambda p: [*map(normalised, jsonl.read(p, Response))]),
        ),
        "items": ([item], at("i.jsonl", lambda p: list(jsonl.read(p, Item)))),
        "schemas": ([form], schema),
        "rules": ([RULES], at("rules.toml", lambda p: read_rules(p).broken("It is very a.c " * 9))),
        "policies": ([policy], at("policy.toml", lambda p: read_policy(str(p)))),
        "systems": ([system], at("system.toml", lambda p: read_config(p).build())),
        "traces": ([TRACE], at("t.jsonl", lambda p: list(Reader(p)))),
        "manifests": (_manifests(), at("run/manifest.json", lambda p: open_run(p.parent))),
        "chat requests": ([CHAT], lambda data: read_request(data, "m", "id")),
        "responses requests": ([CHAT], chat_of_response),
        "server events": ([EVENT], event),
        "questions": ([TABLE], at("q.csv", lambda p: list(read_questions(p)))),
        "html": ([PAGE], at("docs/a.html", lambda p: list(read_documents(p.parent, "2025-01-01")))),
        "shown names": ([b"[a](http://x) @b #1 <img> | `c` \\"], text),
    }


def _manifests() -> list[bytes]:
    stored = sorted(Path("results/reference/runs").glob("*/manifest.json"))
    return [path.read_bytes() for path in stored[:3]]


def tried(one: Callable[[bytes], object], data: bytes) -> str | None:
    """What is wrong with how an input was taken; None where it was read or refused in time."""
    began = time.process_time()
    try:
        one(data)
    except (AdaptbenchError, Trouble, BadRequest, json_schemas.BadSchema):
        pass
    except Exception as error:  # noqa: BLE001  that is what is looked for
        places = traceback.extract_tb(error.__traceback__)[-3:]
        return f"{type(error).__name__} at {', '.join(f'{p.name}:{p.lineno}' for p in places)}"
    seconds = time.process_time() - began
    return "takes too long" if seconds > SECONDS else None


def main() -> int:
    """Fuzz every reader in turn until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers whose name begins so")
    parser.add_argument("--finds", type=Path, default=Path("finds"))
    options = parser.parse_args()
    chance, counts, finds = random.Random(options.seed), Counter[str](), dict[str, str]()
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        chosen = [e for e in readers(Path(folder)).items() if e[0].startswith(options.only)]
        for name, (seeds, one) in cycle(chosen):
            if time.monotonic() > end:
                break
            share = time.monotonic() + 0.5
            while time.monotonic() < share:
                data = mutated(chance.choice(seeds), chance)
                counts[name] += 1
                wrong = tried(one, data)
                if wrong is not None and wrong not in finds:
                    finds[wrong] = name
                    options.finds.mkdir(exist_ok=True)
                    file = options.finds / f"{name.replace(' ', '-')}-{len(finds)}"
                    file.write_bytes(data)
                    print(f"FIND in {name} ({file}): {wrong}", file=sys.stderr)
    for name, count in counts.items():
        print(f"{name:<24}{count:>10,} inputs")
    print(f"{'all':<24}{counts.total():>10,} inputs, {len(finds)} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
