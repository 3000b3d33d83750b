from __future__ import annotations

from collections import Counter, defaultdict

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from evals.core.schema import VoiceSample
from suites.packs.reader import FolderPack
from suites.world.voices import BRAND, VOICES


def _masked(sample: VoiceSample) -> str:
    text = sample.text
    for word in sample.masked:
        for form in (word, word[:1].upper() + word[1:]):
            text = text.replace(form, "_")
    return text


def test_every_content_is_said_in_every_voice(pack: FolderPack) -> None:
    contents: dict[str, list[VoiceSample]] = defaultdict(list)
    for sample in pack.voices():
        contents[sample.content].append(sample)
    assert len(contents) >= 120
    for samples in contents.values():
        assert [s.voice for s in samples] == list(VOICES)
        assert len({s.split for s in samples}) == len({s.masked for s in samples}) == 1
    assert pack.brand == BRAND


def test_the_voice_can_be_reported_without_the_content(pack: FolderPack) -> None:
    samples = list(pack.voices())
    fit, held = ([s for s in samples if s.split == part] for part in ("fit", "held_out"))
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)),
        LogisticRegression(C=10, max_iter=500),
    )
    model.fit([_masked(s) for s in fit], [s.voice for s in fit])
    assert model.score([_masked(s) for s in held], [s.voice for s in held]) >= 0.9


def test_the_brand_is_no_fixed_line(pack: FolderPack) -> None:
    openings = Counter(s.text.split()[0] for s in pack.voices() if s.voice == BRAND)
    assert openings.most_common(1)[0][1] / sum(openings.values()) < 0.2
    assert len(openings) >= 15
