"""Tiny real detectors, saved as a hub would serve them: random ones, and one whose verdicts can be
told beforehand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from evals.core.interfaces import Source

TEXTS = (
    "The Vim lamp weighs 3 kg and costs 20 dollars.",
    "The Ro kettle is made of steel. It boils in two minutes.",
    "You may return goods within 30 days with a receipt.",
    "Summarize the following text passage output unable answer question",
    "cork glass red blue painted by Ana in Oslo , 0 1",
)
NAMES = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "eos_token": "[SEP]",
}
INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


def words() -> Any:
    """A tokenizer of whole words, lower-cased, with BERT's pairs."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordLevelTrainer(
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=10**6, model_input_names=INPUTS, **NAMES
    )


def pieces() -> Any:
    """A byte-level tokenizer with RoBERTa's marks."""
    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=marks, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=10**6,
        bos_token="<s>",
        cls_token="<s>",
        sep_token="</s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


def save(folder: Path, model: Any, tokenizer: Any) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def random(folder: Path, model: str, config: str, tokenizer: Any, **settings: Any) -> Path:
    """A model with seeded random weights, large enough that its outputs differ."""
    torch.manual_seed(3)
    sizes = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id} | settings
    made = getattr(transformers, model)(getattr(transformers, config)(**sizes))
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
    return save(folder, made, tokenizer)


def small(**settings: Any) -> dict[str, Any]:
    return {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "max_position_embeddings": 96,
    } | settings


def copying(folder: Path, model: str, **settings: Any) -> Path:
    """A BERT with weights set by hand: to it, a word of the second text is supported where the
    first one has it.

    Words are one-hot. In the first layer every token looks at its own word wherever it stands and
    takes down the share of these places that lie in the first text; in the second, [CLS] takes down
    the mean of that over the second text. ``BertForTokenClassification``: label 1 below a share of
    0.03. ``BertForSequenceClassification``: the first label from a mean of 0.3 on. Layer norms have
    an epsilon so large that they only centre.
    """
    tokenizer = words()
    size = len(tokenizer)
    first, second, share, mean = range(size, size + 4)
    width = size + 4
    config = transformers.BertConfig(
        vocab_size=size,
        pad_token_id=tokenizer.pad_token_id,
        layer_norm_eps=1e8,
        hidden_act="relu",
        **small(hidden_size=width, num_attention_heads=1) | settings,
    )
    made = getattr(transformers, model)(config)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            weight.fill_(1e4 if "LayerNorm.weight" in name else 0.0)
        made.bert.embeddings.word_embeddings.weight[:, :size] = torch.eye(size)
        made.bert.embeddings.token_type_embeddings.weight[0, first] = 1
        made.bert.embeddings.token_type_embeddings.weight[1, second] = 1
        look, gather = made.bert.encoder.layer
        same = torch.eye(width)
        same[size:] = 0
        look.attention.self.query.weight.copy_(same * 40)
        look.attention.self.key.weight.copy_(same * 40)
        look.attention.self.value.weight[share, first] = 1
        gather.attention.self.query.weight[0, tokenizer.cls_token_id] = 400
        gather.attention.self.key.weight[0, second] = 40
        gather.attention.self.value.weight[mean, share] = 1
        for layer in (look, gather):
            layer.attention.output.dense.weight.copy_(torch.eye(width))
        if model == "BertForTokenClassification":
            made.classifier.weight[1, share] = -50
            made.classifier.bias[1] = 50 * 0.03
        else:
            made.bert.pooler.dense.weight[0, mean] = 1
            made.classifier.weight[0, 0] = 100
            made.classifier.bias[0] = -100 * 0.29  # tanh of 0.3
    return save(folder, made, tokenizer)


def source(text: str, *sentences: str) -> Source:
    return Source(text, sentences or (text,))


def places(text: str, *sentences: str) -> list[tuple[int, int]]:
    return [(text.index(s), text.index(s) + len(s)) for s in sentences or (text,)]
