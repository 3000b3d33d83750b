"""Own texts as voice samples: read from files, and sorted into topics, so that a split by content
is possible.

A file is JSON lines (``text``; where known ``content`` and ``masked``) or plain text, one sample a
paragraph; a folder is all such files below it. Texts that say the same in several voices share a
``content``. Where no content is named, texts of alike content words get one: average linkage over
the cosine distance of their tf-idf weighted content stems, `PER_TOPIC` texts a topic on average.
Without topics a word that is in every text about parcels would pass for a habit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core.errors import DataError
from evals.core.interfaces import Pack
from evals.core.schema import VoiceSample
from evals.text.words import MAX_CHARS, content_stems, sentences, words

LEAST: Final = 20
"""Fewer texts of the brand are refused; 50 to 200 are wanted."""
MOST: Final = 600
"""Texts that are read of one voice; more change nothing but the time."""
PER_TOPIC: Final = 5
FAR: Final = 1.5
"""Ratio of median lengths from which on a pack's texts are put together or cut to the brand's
length.
"""
HABIT: Final = 0.2
BLOCKS: Final = 5
PER_BLOCK: Final = 20
JOINED: Final = "joined-"
"""How the ids of texts begin that were put together."""
NEUTRAL: Final = "neutral"
SUFFIXES: Final = (".jsonl", ".txt", ".md")

Floats = NDArray[np.float64]


class Sample(msgspec.Struct, frozen=True):
    """One line of a JSON-lines file of texts; other keys are ignored."""

    text: str
    content: str | None = None
    masked: tuple[str, ...] = ()


def read_texts(path: Path) -> list[Sample]:
    """The distinct texts with at least three words of a file or folder, in order, at most `MOST`.

    Raises DataError (file, line) where there is nothing to read, or a line is no sample.
    """
    files = (
        sorted(f for f in path.rglob("*") if f.suffix in SUFFIXES and f.is_file())
        if path.is_dir()
        else [path]
    )
    found: dict[str, Sample] = {}
    for file in files:
        for sample in _lines(file) if file.suffix == ".jsonl" else _paragraphs(file):
            if len(words(sample.text)) > 2 and len(found) < MOST:
                found.setdefault(sample.text, sample)
    if not found:
        expected = f"texts in {', '.join(SUFFIXES)}, one a JSON line (key text) or a paragraph"
        raise DataError("holds no text of three words or more", where=path, expected=expected)
    return list(found.values())


def _lines(file: Path) -> Iterator[Sample]:
    from evals.core.jsonl import lines

    decoder = msgspec.json.Decoder(Sample)
    for number, line in lines(file):
        try:
            sample = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            expected = "text, and where known content and masked"
            raise DataError(
                f"not a sample text: {error}", where=file, line=number, expected=expected
            ) from error
        yield msgspec.structs.replace(sample, text=sample.text[:MAX_CHARS])


def _paragraphs(file: Path) -> Iterator[Sample]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError("no such file", where=file) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", where=file) from error
    for paragraph in re.split(r"\n\s*\n", text):
        yield Sample(" ".join(paragraph.split())[:MAX_CHARS])


def samples(
    brand: str,
    own: Sequence[Sample],
    neutral: Sequence[Sample],
    decoys: dict[str, list[Sample]],
    pack: Pack | None,
) -> list[VoiceSample]:
    """All texts as samples of named voices. The pack's voices stand in for a missing ``neutral`` or
    missing ``decoys``.

    Raises DataError for fewer than `LEAST` texts of the brand, or where no text is left to hold
    against it.
    """
    if len(own) < LEAST:
        expected = f"at least {LEAST}, better 50 to 200"
        raise DataError(
            "too few texts to learn a voice from", where=brand, found=len(own), expected=expected
        )
    named = {brand: list(own), **({NEUTRAL: list(neutral)} if neutral else {}), **decoys}
    flat = [(voice, sample) for voice, texts in named.items() for sample in texts]
    topics = topics_of([sample.text for _, sample in flat], [voice for voice, _ in flat])
    found = [
        VoiceSample(
            f"{voice}-{n}",
            sample.content or f"topic-{topic}",
            voice,
            sample.text,
            masked=sample.masked,
        )
        for n, ((voice, sample), topic) in enumerate(zip(flat, topics, strict=True))
    ]
    if pack is not None:
        size = float(np.median([len(words(sample.text)) for sample in own]))
        found += _standing_in(pack, brand, bool(neutral), bool(decoys), size)
    if not any(s.voice == NEUTRAL for s in found):
        raise DataError(
            "no neutral texts",
            where=brand,
            hint="--neutral FILE, or a --pack with a neutral voice",
        )
    return found


def _standing_in(
    pack: Pack, brand: str, has_neutral: bool, has_decoys: bool, size: float
) -> Iterator[VoiceSample]:
    """The pack's voices that are wanted; put together to ``size`` words where their own length is
    far from it.
    """
    wanted = [
        msgspec.structs.replace(sample, content=f"{pack.name}-{sample.content}")
        for sample in pack.voices()
        if sample.voice != brand and not (has_neutral if sample.voice == NEUTRAL else has_decoys)
    ]
    for voice in sorted({s.voice for s in wanted}):
        texts = [s for s in wanted if s.voice == voice]
        ratio = size / float(np.median([len(words(s.text)) for s in texts]))
        yield from texts if 1 / FAR < ratio < FAR else _joined(texts, size)


def _joined(texts: Sequence[VoiceSample], size: float) -> Iterator[VoiceSample]:
    """Texts of about ``size`` words out of the sentences of ``texts``, by blocks of contents that
    share no sentence.

    A scorer that meets short texts of others and long ones of the brand learns to count words.
    Drawn without replacement within a text, with a fixed seed, `PER_BLOCK` a block; the block is
    the content.
    """
    draw = np.random.default_rng(0)
    for block in range(BLOCKS):
        chosen = texts[block * len(texts) // BLOCKS : (block + 1) * len(texts) // BLOCKS]
        pieces = [(s, sentence) for s in chosen for sentence in sentences(s.text)]
        for n in range(PER_BLOCK if pieces else 0):
            taken, count = [], 0
            for at in draw.permutation(len(pieces)):
                if count and count + len(words(pieces[at][1])) / 2 > size:
                    break
                taken.append(pieces[at])
                count += len(words(pieces[at][1]))
            masked = tuple(dict.fromkeys(m for s, _ in taken for m in s.masked))
            name, voice = f"block-{block}", chosen[0].voice
            yield VoiceSample(
                f"{JOINED}{voice}-{name}-{n}",
                name,
                voice,
                " ".join(t for _, t in taken),
                masked=masked,
            )


def topics_of(texts: Sequence[str], voices: Sequence[str]) -> list[int]:
    """A topic number for each text; deterministic. Quadratic in the number of texts."""
    from sklearn.cluster import AgglomerativeClustering

    count = min(len(texts), max(10, len(texts) // PER_TOPIC))
    weights = content_weights(texts, content_reader(texts, voices))
    distance = np.clip(1 - (weights @ weights.T).toarray(), 0, 1)
    clusters = AgglomerativeClustering(n_clusters=count, metric="precomputed", linkage="average")
    return [int(n) for n in clusters.fit_predict(distance)]


def content_reader(texts: Sequence[str], voices: Sequence[str]) -> Any:
    """A vectorizer of texts by their content stems: no stop words, and no word of habit.

    A stem in over `HABIT` of a voice's texts is a habit of that voice ("hi", "kindly"), whatever
    the text is about.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    count, total = Counter[tuple[str, str]](), Counter(voices)
    for text, voice in zip(texts, voices, strict=True):
        count.update((voice, stem) for stem in set(content_stems(text)))
    habits = {stem for (voice, stem), n in count.items() if n > HABIT * total[voice]}
    known = sorted({stem for _, stem in count} - habits) or ["□"]
    reader = TfidfVectorizer(analyzer=content_stems, vocabulary=known, sublinear_tf=True)
    return reader.fit(texts)


def content_weights(texts: Iterable[str], reader: Any) -> Any:
    """Unit rows of tf-idf weights of content stems, sparse, shape (texts, stems); a text without
    any is a zero row.
    """
    return reader.transform(texts)
