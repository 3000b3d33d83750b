"""A detector's network: its tokenizer, its window, and its outputs for many rows at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evals.core.errors import EnvironmentProblem
from systems.engines.weights import pick_device
from systems.runtime import prepare

if TYPE_CHECKING:
    import torch

MAX_WINDOW: Final = 4096
"""Tokens of a row at most, whatever the model could hold: LettuceDetect was trained on so many."""

BATCH_TOKENS: Final = 8192
"""Tokens of a batch, padding counted: bounds its memory."""

_COUNTED_FROM: Final = {"roberta", "xlm-roberta", "camembert"}
"""Models whose positions begin after the padding's own."""

Row = Mapping[str, Sequence[int]]
"""One encoded row: ``input_ids`` and what else the tokenizer makes, all of one length."""


class Network:
    """A model of the transformers class ``loader`` in single precision. One thread at a time is
    served.
    """

    def __init__(self, folder: Path, loader: str, *, offline: bool) -> None:
        """Load a model. Raises EnvironmentProblem where transformers cannot, or only in part."""
        prepare(offline=offline)
        import torch
        import transformers
        from safetensors import SafetensorError

        transformers.utils.logging.disable_progress_bar()
        try:
            self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True
            )
            model, message = getattr(transformers, loader).from_pretrained(
                folder,
                dtype=torch.float32,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
            )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
            raise EnvironmentProblem(
                f"the detector cannot be loaded: {error}", where=folder
            ) from error
        if message["missing_keys"]:
            raise EnvironmentProblem(
                "the weights lack parts of the detector, which would be made up at random",
                where=folder,
                found=f"no {', '.join(sorted(message['missing_keys'])[:8])}",
            )
        self.device = pick_device("auto")
        self.model = model.eval().to(self.device)
        self.window = _window(model.config, self.tokenizer)
        self.tokenizer.model_max_length = (
            10**9
        )  # rows are bounded by `window`; longer texts are only counted and cut
        self._lock = threading.Lock()

    def plain(self, text: str) -> str:
        """The text with the tokenizer's special tokens blanked out, letter for letter."""
        for token in self.tokenizer.all_special_tokens:
            text = text.replace(token, " " * len(token))
        return text

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return (
            [len(ids) for ids in self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]]
            if texts
            else []
        )

    def cut(self, text: str, most: int) -> list[tuple[int, int]]:
        """Places of parts of at most ``most`` tokens, cut between tokens."""
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)[
            "offset_mapping"
        ]
        starts = [found[n][0] for n in range(0, len(found), max(1, most))]
        return list(zip([0, *starts[1:]], [*starts[1:], len(text)], strict=True)) if starts else []

    def outputs(
        self, rows: Sequence[Row], read: Callable[[torch.Tensor], torch.Tensor], **inputs: int
    ) -> list[list[Any]]:
        """``read`` of each row's logits as a list, in order; of several tokens, only those of the
        row.

        ``inputs`` are further inputs of the model, one number a row.
        """
        import torch

        found: list[list[Any]] = [[]] * len(rows)
        with torch.inference_mode(), self._lock:
            for batch in _batches([len(row["input_ids"]) for row in rows]):
                fed = self._padded([rows[n] for n in batch])
                more = {
                    k: torch.full((len(batch), 1), v, device=self.device) for k, v in inputs.items()
                }
                values = read(self.model(**fed, **more).logits.float()).cpu().tolist()
                for n, value in zip(batch, values, strict=True):
                    found[n] = value[: len(rows[n]["input_ids"])]
        return found

    def _padded(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        import torch

        longest = max(len(row["input_ids"]) for row in rows)
        pad = {"input_ids": self.tokenizer.pad_token_id or 0}
        return {
            key: torch.tensor(
                [[*row[key], *[pad.get(key, 0)] * (longest - len(row[key]))] for row in rows],
                device=self.device,
            )
            for key in rows[0]
        }


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of like length together, at most `BATCH_TOKENS` with padding."""
    batch: list[int] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch


def _window(config: Any, tokenizer: Any) -> int:
    """Tokens of a row: the least of what the model, its tokenizer and `MAX_WINDOW` allow."""
    positions = getattr(config, "max_position_embeddings", None) or MAX_WINDOW
    if config.model_type in _COUNTED_FROM:
        positions -= config.pad_token_id + 1
    return int(min(positions, tokenizer.model_max_length, MAX_WINDOW))
