"""Ways of not answering, put together from parts, beside the idioms of `abstention.patterns`.

`ACTS`: one cannot or will not tell, keeps it to oneself, cannot see it, or finds it nowhere in the source. `ASKS`: one
asks back or passes the question on, which declines only where nothing else is said. `DESCRIBES`: what a source does
say, which answers nothing where its silence on the question is the point. All read lower-cased clauses.
"""

from __future__ import annotations

import re
from typing import Final

from evals.scorers.abstention.patterns import SOURCE

_CANNOT = r"(?:can't|cannot|can not|couldn't|could not|won't|will not|wouldn't|would not)"
_DO_NOT = r"(?:don't|do not|didn't|did not)"
_SOFTLY = r"(?:(?:\w+ly|even|just|also|still|yet)\s+)?"
_TELL = (
    r"(?:provide|give|offer|share|supply|recommend|predict|forecast|reproduce|quote|answer|help|assist|support|tell|say"
    r"|disclose|discuss|reveal|divulge|comment|confirm|verify|determine|guarantee|check|access|view|open|read|look|find"
    r"|locate|retrieve|identify|generate|write|create|draft|produce|fulfil|fulfill|comply|engage|process|speculate"
    r"|advise|estimate|guess|judge|assess|evaluate|diagnose|prescribe|interpret|translate|name|cite|pick|choose|decide"
    r"|do\s+(?:that|this|it)|go\s+into|speak\s+(?:to|for)|provide|point\s+you|settle|resolve|work\s+(?:that|it|this)\s+out)"
)
_IDIOM = (
    r"(?!\s+(?:\w+\s+){0,4}(?:enough|highly)\b|\s+(?:that\s+)?i(?:'m|\s+am|'ve|\s+blame|\s+mind)\b|\s+but\b|\s+you\s+how\b"
    r"|\s+(?:any\s+)?(?:fault|faster|better|cheaper)\b|\s+wrong\b|\s+noticing\b|\s+\w+ing\b(?<!thing))"
)
_HELD = (
    r"(?:number|figure|price|date|name|address|row|value|amount|column|line|field|time|answer|record|listing|quote)s?"
)
_TOLD = (
    r"(?:mention|state|say|give|gave|specif|list|indicat|appear|found|name|quote|report|record|identif|note|disclos"
    r"|document|describ)\w*"
)

ACTS: Final = re.compile(
    "|".join(
        (
            # one cannot, is not allowed, will not
            r"\bi(?:'?m|\s+am|'ve\s+been|\s+have\s+been)\s+(?:\w+ly\s+)?(?:un(?:able|willing)|(?:not|n't)\s+(?:\w+ly\s+)?"
            r"(?:able|allowed|aloud|authori[sz]ed|permitted|willing|going|comfortable|qualified|equipped|trained"
            r"|programmed|prepared|free|at\s+liberty|in\s+a\s+position|set\s+up))\s+(?:to|with)\b(?!\s+lie\b)",
            rf"\bi\s+{_SOFTLY}{_CANNOT}\s+{_SOFTLY}{_TELL}\b{_IDIOM}",
            r"\bi(?:'d|\s+would|\s+must|'ll|\s+will)?\s+(?:much\s+|really\s+)?(?:rather|prefer)\s+(?:not|to\s+not)\b",
            rf"\b(?:i|this\s+\w+)\s+{_DO_NOT}\s+{_SOFTLY}(?:take\s+sides|have\s+(?:[\w-]+\s+){{0,2}}access"
            r"|(?:have|hold|give|offer|share)\s+(?:any\s+|personal\s+)*(?:opinions?|views?|preferences?|advice)"
            r"|do\s+(?:that|this|those)|predict|speculate|comment)\b",
            r"\b(?:have|has|going|got|afraid)\s+(?:to|i'll)\s+(?:\w+\s+to\s+)?(?:say\s+no|decline|refuse|pass|bow\s+out)\b",
            r"\b(?:sit|sitting)\s+this\s+(?:one\s+)?out\b|\bleave\s+(?:that|this)\s+(?:choice|decision|call)\s+to\b",
            r"\bnot\s+(?:something|a\s+\w+)\s+(?:that\s+)?(?:i|we)(?:'m|\s+am|'re|\s+are|'ll|\s+will|'d|\s+would|\s+have"
            r"|'ve|\s+want|\s+wish|\s+do|\s+care)\b",
            r"\b(?:impossible|hard|difficult|tough|tricky|too\s+(?:early|soon))\s+(?:for\s+(?:me|us|anyone)\s+)?to\s+"
            r"(?:predict|know|say|tell|answer|judge|estimate|foresee|gauge)\b(?!\s+(?:no\b|how\s+(?:much|sorry)))",
            # one keeps it
            r"\bwe\s+(?:do\s+not|don't|never|cannot|can't|won't)\s+(?:\w+ly\s+)?(?:share|disclose|publish|release|reveal"
            r"|divulge|give\s+out|hand\s+out|make\s+public|comment\s+on)\b(?!\s+(?:\w+\s+){0,2}(?:your|customers?'?)\b)",
            r"\bprefer\s+to\s+keep\b|\bkeep\s+(?:that|this|it|them|those|these)\s+(?:strictly\s+|all\s+)?(?:in[\s-]house|"
            r"secret|confidential|private|to\s+(?:our|my)sel(?:f|ves)|under\s+wraps)\b",
            r"\b(?:not|isn't|never)\s+(?:for\s+(?:me|us)|mine|ours|my\s+place|our\s+place)\s+to\s+\w+|^\W*not\s+telling\b",
            r"\b(?:never|not)\s+to\s+(?:reveal|tell|disclose|give\s+away)\b|\b(?:that|this|it|which|recipe)(?:'s|\s+is|\s+"
            r"remains)\s+(?:strictly\s+)?(?:a\s+(?:[\w-]+\s+){0,2}secret|confidential|classified)\b",
            r"\bhas(?:\s+not|n't)\s+(?:yet\s+)?(?:revealed|told|disclosed|shared)\s+(?:\w+\s+)?(?:to\s+)?(?:me|us)\b",
            # one cannot see it
            rf"\bthat\s+i\s+{_CANNOT}\s+(?:read|open|see|access|understand)\b|\b(?:won't|didn't|doesn't|did\s+not|will\s+not)\s+"
            r"(?:load|open|come\s+through)\b|\b(?:has|have)(?:\s+not|n't)\s+(?:yet\s+)?been\s+(?:\w+\s+)?(?:loaded|uploaded)\b",
            r"\b(?:was|were|is|are|been)\s+(?:redacted|blacked\s+out|illegible)\b|\bno\s+clue?s?\b|\bclueless\b|\b(?:my|our)\s"
            r"\w+\s+(?:isn't|is\s+not|aren't|are\s+not)\s+up\s+to\b|\b(?:know|knows|tell),?\s+(?:but\s+)?i\s+don't\W*$",
            # the source has it nowhere
            rf"\b{SOURCE}\b[^.,;]{{0,60}}\b(?:{_DO_NOT}|doesn't|does\s+not|never|fails?\s+to)\s+(?:\w+ly\s+)?"
            r"(?:quote|report|identify|appear|establish|note|itemi[sz]e|break|extend|reach|supply|confirm|touch)\b",
            rf"\b{SOURCE}\b[^.,;]{{0,40}}\b(?:provides?|gives?|has|have|offers?|contains?|includes?|shows?|lists?|with)\s+no\s+"
            rf"(?:\w+\s+)?{_HELD}\b",
            r"\b(?:does|do|did)(?:\s+not|n't)\s+(?:\w+ly\s+)?(?:appear|figure|feature|show\s+up|come\s+up|get\s+a\s+mention)\s+"
            rf"(?:anywhere\s+)?(?:in|on|among|within)\s+(?:the|my|our|any|this|these|those|that)\s+(?:\w+\s+){{0,2}}{SOURCE}\b",
            rf"\bnowhere\b[^.;]{{0,40}}\b{_TOLD}|\b{_TOLD}\s+nowhere\b|\bno\s+(?:real\s+|sound\s+)?basis\s+(?:for|to|on)\b",
            r"\b(?:is|are|was|were)(?:\s+not|n't)\s+(?:\w+ly\s+)?(?:indicated|identified|quoted|reported|disclosed|recorded)"
            r"\b(?=\W*$|\s+(?:here|there|in|on|by|anywhere)\b)",
            r":\s*(?:not|none|never)\s+(?:\w+ly\s+)?(?:indicated|given|stated|specified|mentioned|listed|known|recorded)\W*$",
            r"\b(?:not|isn't|aren't)\s+(?:\w+\s+)?in\s+(?:there|here|it|(?:my|the|our)\s+(?:system|records?|files?))\b\W*$",
            rf"\bi\s+{_DO_NOT}\s+{_SOFTLY}have\s+(?:an?|the|any|its|their|that)\s+(?:\w+\s+)?{_HELD}\b",
            rf"\bno\s+(?:row|entry|column|listing|line|page)\s+(?:for|on)\b|\bneither\s+of\s+(?:\w+\s+){{1,3}}{_TOLD}",
            r"\bstops?\s+short\s+of\b|\bquestions?\s+(?:falls?|lies?|are|is)\s+(?:outside|beyond)\b",
            # a verdict in a word
            r"^\W*(?:insufficient|not[\s_]enough)[\s_]+(?:context|information|data|evidence)\W*$",
            r"^\W*(?:unanswerable|no[\s_]answer|not[\s_]answerable|not[\s_]found|no[\s_]information)\b",
        )
    )
)

ASKS: Final = re.compile(
    r"\b(?:let\s+me\s+(?:\w+\s+)?(?:check|ask|find\s+out|look|see)|(?:i|we)(?:'ll|\s+will|'ve|\s+have|'m|\s+am|\s+need)\s+(?:\w+\s+)?"
    r"(?:to\s+)?(?:check|ask|asked|asking|pass|passed|passing|forward|forwarded|get\s+back|look\s+into|find\s+out|come\s+back)"
    r"|(?:could|can|would|will)\s+you\s+(?:please\s+|kindly\s+)?(?:tell|provide|share|send|give|confirm|paste|attach|describe|let"
    r"|clarify|specify|rephrase)|may\s+i\s+(?:have|ask|know)|please\s+(?:tell|send|give|provide|share|attach|paste|clarify"
    r"|specify|rephrase)|(?:what|which)(?:'s|\s+is|\s+are|\s+was)\s+your|i(?:'d|\s+would)\s+(?:have|need|like|want)\s+to\s+(?:see|know"
    r"|check|look)|i(?:'ll)?\s+need\s+(?:your|the|to\s+know|to\s+see|more))\b"
)

_SAYS = (
    r"(?:mentions?|describes?|discuss(?:es)?|reports?|says?|states?|covers?|tells?|sets?\s+out|explains?|quotes?|talks?"
    r"|focus(?:es)?|refers?|deals?\s+with|go(?:es)?\s+(?:into|over|through)|gives?|lists?|asks?|names?|shows?|has|have)"
)

DESCRIBES: Final = re.compile(
    r"^\W*(?:according\s+to|based\s+on|judging\s+by)\s+(?:the|this|my|our|these|those|what)\b"
    rf"|^\W*(?:and\s+)?(?:it|they)\s+(?:also\s+|only\s+|does\s+|do\s+)?{_SAYS}\b|\b{SOURCE}\b[^.,;]{{0,40}}?\b{_SAYS}\b"
)
