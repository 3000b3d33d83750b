"""A key-value cache of fixed slots, so that rows leave a batch and others enter it without copying
what stays.

Row r of the batch lives in slot r, its tokens at positions 0, 1, 2, ... A row that is done gives
its slot to the last row; a new row is appended behind the last one. Tokens shared by all prompts
(system prompt, few-shot examples) are written into every slot once and stay there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers.cache_utils import Cache, CacheLayerMixin

if TYPE_CHECKING:
    import torch


class _SlotLayer(CacheLayerMixin):  # type: ignore[misc]
    """Keys and values of one layer: two tensors of shape (slots, heads, length, head size)."""

    is_sliding = False

    def __init__(self, owner: SlotCache) -> None:
        super().__init__()
        self.owner = owner

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        for name, states in (("keys", key_states), ("values", value_states)):
            _, heads, _, size = states.shape
            setattr(
                self, name, states.new_zeros((self.owner.slots, heads, self.owner.length, size))
            )
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> Any:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        where = self.owner
        if where.positions is None:
            end = where.start + key_states.shape[2]
            self.keys[where.rows, :, where.start : end] = key_states
            self.values[where.rows, :, where.start : end] = value_states
            return self.keys[where.rows, :, :end], self.values[where.rows, :, :end]
        self.keys[where.index, :, where.positions] = key_states[:, :, 0]
        self.values[where.index, :, where.positions] = value_states[:, :, 0]
        return self.keys[where.rows, :, : where.end], self.values[where.rows, :, : where.end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.owner.end, 0

    def get_seq_length(self) -> int:
        return self.owner.start

    def get_max_length(self) -> int:
        return self.owner.length


class SlotCache(Cache):  # type: ignore[misc]
    """``layers`` layers of ``slots`` rows of ``length`` tokens. Tell it where to write, then call
    the model.
    """

    def __init__(self, layers: int, slots: int, length: int) -> None:
        self.slots, self.length = slots, length
        self.start = self.end = 0
        self.rows = slice(0, 0)
        self.index: torch.Tensor | None = None
        self.positions: torch.Tensor | None = None
        super().__init__(layers=[_SlotLayer(self) for _ in range(layers)])

    def write_block(self, first: int, count: int, start: int) -> None:
        """The next call writes ``count`` rows from slot ``first`` on, all from position ``start``
        on.
        """
        self.rows, self.start, self.positions = slice(first, first + count), start, None

    def write_tokens(self, positions: torch.Tensor, end: int) -> None:
        """The next call writes one token into each of the first rows, row r at ``positions[r]``
        (all below ``end``).
        """
        import torch

        count = positions.shape[0]
        self.rows, self.end, self.positions = slice(0, count), end, positions
        if self.index is None or self.index.shape[0] != count:
            self.index = torch.arange(count, device=positions.device)

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first ``length`` tokens of a row into another slot."""
        for layer in self.layers:
            for states in (layer.keys, layer.values):
                states[target, :, :length] = states[source, :, :length]

    def copy(self, slot: int, length: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The first ``length`` tokens of a slot: keys and values of each layer, shape (1, heads,
        length, head size).
        """
        return [
            tuple(s[slot : slot + 1, :, :length].clone() for s in (x.keys, x.values))
            for x in self.layers
        ]

    def paste(self, states: list[tuple[torch.Tensor, torch.Tensor]], length: int) -> None:
        """Write the first ``length`` tokens of what `copy` gave into slot 0."""
        for layer, (keys, values) in zip(self.layers, states, strict=True):
            if not layer.is_initialized:
                layer.lazy_initialization(keys, values)
            layer.keys[:1, :, :length] = keys[:, :, :length]
            layer.values[:1, :, :length] = values[:, :, :length]

    def spread(self, length: int) -> None:
        """Copy the first ``length`` tokens of slot 0 into every other slot."""
        for layer in self.layers:
            for states in (layer.keys, layer.values):
                states[1:, :, :length] = states[:1, :, :length]
