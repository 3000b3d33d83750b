"""ABCD: the guidelines of a support desk. Which steps does a case take, and to which flow does a
customer belong?

Source: Chen et al. 2021, arXiv 2104.00783. One item per case of the knowledge base, one per sample
chat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from evals.core.schema import Item, Record, Slot
from suites.packs.public.base import PublicSet, Row, document, safe

TURNS: Final = 5
"""A chat is routed by so many of the customer's turns: the first may be no more than a greeting."""


def _local(folder: Path) -> Iterator[Row]:
    guidelines, kb, ontology, chats = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("guidelines.json", "kb.json", "ontology.json", "abcd_sample.json")
    )
    for flow, table in guidelines.items():
        for subflow, content in table["subflows"].items():
            yield {"guideline": subflow, "flow": flow, "content": content}
    flow_of = {
        subflow: flow
        for flow, all_of in ontology["intents"]["subflows"].items()
        for subflow in all_of
    }
    for subflow, steps in kb.items():
        yield {"subflow": subflow, "flow": flow_of.get(subflow, ""), "steps": steps}
    for chat in chats:
        said = " ".join([text for who, text in chat["original"] if who == "customer"][:TURNS])
        flows = ontology["intents"]["flows"]
        yield {
            "chat": str(chat["convo_id"]),
            "said": said,
            "flow": chat["scenario"]["flow"],
            "flows": flows,
        }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        if "guideline" in row:
            ident = f"abcd-guideline-{safe(row['guideline']).lower()}"
            title = f"{row['flow']}: {row['guideline']}"
            yield document(ident, title, _guideline(title, row["content"]), "guideline")
        elif "subflow" in row:
            yield from _case(row)
        else:
            yield Item(
                id=f"abcd-chat-{row['chat']}",
                suite="domain_accuracy",
                track="abcd_routing",
                question=row["said"],
                cluster=f"abcd-chat-{row['chat']}",
                gold=(Slot("flow", "label", row["flow"]),),
                references=(row["flow"],),
                choices=tuple(row["flows"]),
            )


def _case(row: Row) -> Iterator[Record]:
    case = row["subflow"].replace("_", " ")
    flow = row["flow"].replace("_", " ")
    steps = [step.replace("-", " ") for step in row["steps"]]
    name = f"abcd-case-{row['subflow']}"
    text = f"Steps for the case {case} ({flow}):\n" + "\n".join(
        f"{n}. {step}" for n, step in enumerate(steps, 1)
    )
    yield document(name, f"Case {case}, {flow}", text, "procedure")
    yield Item(
        id=f"q-{name}",
        suite="domain_accuracy",
        track="abcd_steps",
        cluster=name,
        documents=(name,),
        question=f"Which steps does the case '{case}' of '{flow}' take, in order?",
        references=(", ".join(steps),),
        gold=tuple(Slot(f"step_{n}", "text", step) for n, step in enumerate(steps, 1)),
    )


def _guideline(title: str, content: Row) -> str:
    lines = [title, *content.get("instructions", ())]
    for number, action in enumerate(content.get("actions", ()), start=1):
        lines.append(f"{number}. {action.get('text', '')}")
        lines += [f"   - {note}" for note in action.get("subtext", ())]
    return "\n".join(lines)


SET = PublicSet(
    name="abcd",
    about="The guidelines of a support desk for clothes and subscriptions.",
    licence="MIT",
    files=("guidelines.json", "kb.json", "ontology.json", "abcd_sample.json"),
    local=_local,
    records=_records,
)
