"""The language of a text, by its script and its most frequent words. No model, no network, linear.

`language` names one of `SUPPORTED`, else ``other`` where the script or the frequent words are those
of a language that nothing here reads, else None where the text is too short to tell (a name, a
number, a code). A word counts 1/n where n listings have it; letters that one language alone has
count 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from typing import Final

from evals.text.words import MAX_CHARS, WORD, clean, lowered

EUROPEAN: Final = ("en", "de", "fr", "es", "it", "pt", "nl")
EAST_ASIAN: Final = ("zh", "ja", "ko")
SUPPORTED: Final = EUROPEAN + EAST_ASIAN
"""Languages whose refusals are read."""

_READ: Final = 2000
"""Characters that are looked at."""

_FREQUENT: Final = {
    "en": "the of and to in is are was were that for with on as it be by this from at not have "
    "has but you i we they which an or can there their his her will would what when who "
    "how do does did about no my our your its if than don't can't cannot i'm it's isn't "
    "doesn't didn't couldn't he she a sorry know any me us them him one all so up out "
    "only into more been had i'd i've we're that's there's where why then some like just "
    "over also",
    "de": "der die das und ist nicht ich wir sie es ein eine einen einem einer zu mit von auf "
    "für im den dem des sind war wurde werden wird hat haben habe kann können über auch "
    "aus bei nach wie aber oder leider keine kein dazu diese dieser wer was wann wo warum "
    "mir uns ihnen nur noch so dass daß mich am zur zum weiß",
    "fr": "le la les des et est une un du dans que qui pour pas ne sur avec par il elle nous "
    "vous je au aux ce cette ces sont été être a ont plus mais ou où n'est c'est d'un "
    "d'une suis cela de mon votre notre leur son sa quand quel quelle comment pourquoi "
    "désolé aucune n'ai j'ai n'a à l'information en y",
    "es": "el la los las de que y en un una es no por con para del se lo su al como más pero "
    "sus le ya o fue ha son está hay esta este me mi sobre sin cuando qué quién cuál cómo "
    "dónde yo nos puedo tengo siento esa ese eso era",
    "it": "il lo la gli le di che e è un una in non per con del della dei delle nel nella si da "
    "al alla sono come più ma ha ho anche questo questa mi ci cui dal dalla chi cosa "
    "quando quale perché dove spiace dispiace posso so mio nostro nei nelle sul sulla era "
    "stato l'informazione",
    "pt": "o a os as de que e em um uma não por com para do da dos das no na nos nas se é ao "
    "mais mas como foi são está eu nós você ele ela isso essa esse este esta sobre sem "
    "quando qual quem onde tenho posso sei muito já sua seu pelo pela há lamento desculpe "
    "informação",
    "nl": "de het een en van is in dat op te niet met voor zijn aan er ik wij we je u die deze "
    "dit om door maar ook als of bij naar uit kan kunnen heeft hebben heb wordt worden "
    "werd geen over wie wat wanneer waar hoe mij ons helaas weet mijn onze onder nog dan",
    "sv": "och att det som en på är av för med den till inte jag har om ett vi kan från var men "
    "så eller hur när",
    "da": "og at det som en på er af for med den til ikke jeg har om et vi kan fra var men så "
    "eller der hvad hvor",
    "fi": "ja on ei se että oli hän mutta ovat joka kun niin myös kuin voi minä tämä en mitä "
    "vuonna olen ole tiedä",
    "pl": "i w na z się nie do to że jest o jak po co za od przez dla ale czy przy był są tego "
    "może jego ma wiem niestety takich informacji mam jej tej ten tym nas kto",
    "cs": "a v se na je že s z do to o k i by pro ale jako za podle jsem není byl jsou nebo "
    "které jeho tak nevím",
    "tr": "ve bir bu da de için ile çok olarak daha gibi var olan ne kadar değil ben o en sonra "
    "ama mi bilmiyorum",
    "ro": "și de la în a cu pe nu că este o din un care să mai pentru sunt ce prin au fost sau "
    "dar el ea știu",
    "hu": "a az és hogy nem is egy meg ez de van csak volt mint már még ha vagy el nagyon azt "
    "lehet tudom",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada "
    "oleh atau sudah tahu",
    "vi": "và của là có không được một cho các trong những với người này đã khi để từ tôi về "
    "như ra biết",
}  # fmt: skip
_KNOWN: Final = {name: frozenset(listing.split()) for name, listing in _FREQUENT.items()}
_SHARED: Final = Counter(word for listing in _KNOWN.values() for word in listing)
_LETTERS: Final = (("de", "ß"), ("es", "¿¡ñ"), ("pt", "ãõ"), ("fr", "œ"))
_SCRIPT: Final = re.compile(
    r"(?P<kana>[\u3040-\u30ff])|(?P<hangul>[\uac00-\ud7af\u1100-\u11ff])|(?P<han>[\u3400-\u9fff])"
    r"|(?P<latin>[A-Za-z\u00aa-\u02af\u1e00-\u1eff])|(?P<other>[^\W\d_])"
)
_LEAST: Final = 1.0
"""Weight of frequent words from which a language is named."""
_DISTINCT: Final = 2
"""How many of its words, or letters of its own, a text must have for a language to be named."""
_AHEAD: Final = 1.15
"""How far ahead of the second language a language must be."""
_STRANGE: Final = 0.2
"""Share of a text's words that must be frequent in a language before it is called ``other``."""


@lru_cache(maxsize=4096)
def language(text: str) -> str | None:
    """A code of `SUPPORTED`, ``other``, or None where too little stands there to tell."""
    read = clean(text[:MAX_CHARS])[:_READ]
    if read.isascii():
        return _by_words(read)
    scripts = Counter(m.lastgroup for m in _SCRIPT.finditer(unicodedata.normalize("NFC", read)))
    total = scripts.total()
    if not total:
        return None
    if scripts["latin"] * 2 > total:
        return _by_words(read)
    if scripts["kana"] * 5 > total - scripts["latin"]:
        return "ja"
    name, _ = max(((s, n) for s, n in scripts.items() if s != "latin"), key=lambda pair: pair[1])
    return {"hangul": "ko", "han": "zh"}.get(str(name), "other")


def _by_words(text: str) -> str | None:
    said = WORD.findall(lowered(text))
    weights: dict[str, float] = defaultdict(float)
    for word in said:
        if word in _SHARED:
            for name, listing in _KNOWN.items():
                if word in listing:
                    weights[name] += 1 / _SHARED[word]
    for name, letters in _LETTERS:
        weights[name] += any(letter in text for letter in letters)
    ranked = sorted(weights, key=lambda name: -weights[name])
    best, second = ranked[0], ranked[1]
    if weights[best] < _LEAST or weights[best] < _AHEAD * weights[second]:
        return None
    hits = {word for word in said if word in _KNOWN[best]}
    lettered = any(name == best for name, letters in _LETTERS if any(c in text for c in letters))
    if len(hits) + lettered < _DISTINCT:
        return None
    if best in SUPPORTED:
        return best
    frequent = sum(word in hits for word in said)
    return "other" if frequent >= _STRANGE * len(said) else None
