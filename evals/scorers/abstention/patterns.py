"""How English speakers and documents say that they do not know (`DECLINES`) or that a thing does not exist (`DENIES`).

`DECLINES` reads lower-cased clauses. One alternative a line, kept whole on its line.
"""
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import Final

_NOT = r"(?:do(?:es)? not|don't|doesn't|did not|didn't|can not|cannot|can't|could not|couldn't|won't|will not|wouldn't)"
_ISNT = r"(?:is not|isn't|are not|aren't|was not|wasn't|were not|weren't|has not been|hasn't been|have not been|haven't been|not)"
_ADVERB = r"(?:(?:really|honestly|simply|just|actually|currently|quite|yet|also|even|seem to|appear to|unfortunately|still|personally|truly|fully|have enough|be able to|at the moment|right now)\s+)*"
_INFO = r"(?:information|info|details?|data|records?|answers?|knowledge|specifics?|figures?|documentation|evidence|insight|visibility|mention|reference|indication|context|facts?|anything|entry|entries|listing|notes?)"
SOURCE = r"(?:context|documents?|documentation|passages?|text|texts|information|sources?|article|excerpts?|records?|knowledge base|materials?|snippets?|paragraphs?|conversation|search results|results|files?|notes?|data|database|catalogue|catalog|system|reference|report|profile|papers?|abstracts?|listing|table|glossary|chart|transcript|summary|chapter|extract|leaflet|brochure|book|booklet|letter|e-?mail|schedule|archive|directory|registry|log|memo|website|site|sheet|guide|manual|faq|pages?)"
_NO_END = r"(?!(?:further|more|other|additional)\b)"
_QUAL = r"(?:(?:that|this|any|the|an?|enough|much|more|further|specific|exact|sufficient|reliable|additional|relevant|verified|confirmed|detailed|clear|definitive|definite|direct|such|those|these|available|provided|given|current|up-to-date|official|precise|own|our|your|my)\s+)*"

_KIND = r"(?:(?!(?:with|of|about|for|in|on|to|from|and|or|but|any|problems?|issues?)\b)[\w-]+\s+){0,2}"

CUE: Final = re.compile(
    r"n't|\b(?:not?|never|nothing|nowhere|cannot|un(?:able|sure|certain|aware|known|clear|answerable|disclosed|specified|available)"
    r"|lack|insufficient|little|missing|outside|beyond|nonexistent|non-existent|decline|denied|rejected|restricted|refus\w+"
    r"|invalid|failed|fails|pass|abstain|guess\w*|clue|idea|dunno|idk|beats|n/?a|impossible|any|none|neither|luck|empty|silent|private|gap|wish|if|only|need|wrong|guess|blank|stumped|me|outside|speculat\w+|rather|prefer|sit|secret|confidential|classified|redacted|illegible|hard|difficult|tough|tricky|clues?|clu|clueless|short|early|soon)\b|unanswerable|insufficient|no[\s_]answer|not[\s_]found"
)
"""What every declining or denying clause holds one of: a cheap first look."""

DECLINES: Final = re.compile(
    "|".join(
        (
            rf"\b(?:i|we)\s+{_ADVERB}{_NOT}\s+{_ADVERB}know\b(?!\s+(?:of\s+)?any\s+(?:limit|restriction|reason|issue|problem))",
            rf"\b(?:i|we)\s+{_ADVERB}{_NOT}\s+{_ADVERB}(?:have|see|find|hold|possess|locate|get)\s+(?:access\s+to\s+)?{_QUAL}{_KIND}{_INFO}\b(?!\s+(?:fees?|charges?|plans?))",
            rf"\b(?:i|we)\s+{_ADVERB}(?:can not|cannot|can't|could not|couldn't)\s+{_ADVERB}advise\s+(?:you\s+)?(?:about|on|regarding|whether|which|what|how)\b",
            rf"\b(?:i|we)\s+{_ADVERB}{_NOT}\s+{_ADVERB}have\s+{_QUAL}(?:access|way\s+(?:of|to)|means)\b",
            rf"\b(?:i|we)\s+{_ADVERB}{_NOT}\s+{_ADVERB}(?:confirm|verify|determine|ascertain|say|tell|answer|establish|locate|recall|guess|speculate|be\s+(?:sure|certain)|look\s+(?:that|this|it)\s+up|find\s+(?:that|this|it|out|any|an?\b|the\b|where|when|what|who|how|your|anything)|pin\s+(?:that|this)\s+down)\b(?!\s+(?:you\s+how\b|enough|a\s+lie))",
            rf"\b(?:i|we)\s+{_ADVERB}{_NOT}\s+{_ADVERB}(?:provide|give|share|offer|speak\s+to|comment\s+on|help(?:\s+you)?\s+with|assist(?:\s+you)?\s+with|advise\s+on)\s+(?:you\s+(?:with\s+)?)?(?:(?:that|this|it)\b(?!\s+\w+\s+(?:after|before|unless))|{_QUAL}(?:{_INFO}|price|number|date|figure|name|amount|time))",
            r"\b(?:i|we)(?:\s+am|'m|\s+are|'re)\s+(?:(?:not|n't)\s+(?:\w+\s+)?(?:sure|certain|aware|familiar)|unsure|uncertain|unaware|(?:(?:not|n't)\s+(?:able|allowed|in\s+a\s+position)|unable)(?=\s*(?:$|[.!,]|about|of|what|how|if|whether|when|where|who|why|which|to\s+(?:\w+ly\s+)?(?:do|help|share|answer|say|tell|find|confirm|provide|give|disclose|comment|assist|verify|locate|check|access|look|determine|speak|discuss|see|identify|advise))))\b(?!\s+(?:you(?:'ll|'d)?|that\s+you)\s+(?:will|need|know|want)?)",
            r"\bi(?:\s+am|'m)\s+afraid\s+(?:that\s+)?(?:i|we)\s+(?:can't|cannot|don't|do\s+not)\b",
            r"\b(?:unable|not\s+able|impossible)\s+to\s+(?:\w+ly\s+)?(?:answer|determine|find|confirm|verify|provide\s+(?:that|this|an?|the|any|you|more)|tell|locate|say|give\s+(?:that|this|an?|the|any|you)|ascertain|help\s+(?:you\s+)?with\s+(?:that|this)|assist\s+(?:you\s+)?with\s+(?:that|this)|access|know|identify|respond)\b",
            rf"\b(?:there(?:'s|\s+is|\s+are|\s+isn't|\s+aren't|\s+was|\s+were|\s+seems?\s+to\s+be)|(?:i|we|they)(?:'ve|\s+have|\s+see|\s+find|\s+found|\s+got)?)\s+(?:also\s+|currently\s+|unfortunately\s+)?(?:no|not\s+any|not\s+enough|insufficient|nothing|any)\s+{_QUAL}(?:{_INFO}|idea|clue|way\s+(?:of\s+know|to\s+(?:know|tell|find|confirm|verify|answer)))\b(?!\s+(?:is\s+|are\s+)?(?:needed|required|necessary|fees?|charges?))",
            rf"\bno\s+{_NO_END}{_QUAL}(?:information|mention|record|details?|indication|data|answer|evidence|reference)\b[^.]{{0,40}}\b(?:in|within|on|about|regarding|available|provided|given|found|of\s+that|for\s+that|was|is)\b(?!\s+(?:needed|required|necessary))",
            rf"\b(?:insufficient|not\s+enough|too\s+little|no)\s+{_NO_END}{_QUAL}(?:information|info|context|data|details?)\b(?!\s+(?:is\s+|are\s+)?(?:needed|required|necessary))",
            rf"\b{SOURCE}\b[^.,;]{{0,60}}?\b(?:{_NOT}|never|fails?\s+to|no\s+longer)\s+(?:\w+ly\s+|seem\s+to\s+|appear\s+to\s+)?(?:mention|specify|contain|include|provide|say|state|list|give|cover|indicate|tell|discuss|disclose|address|show|reveal|describe|answer|have|name|detail|offer|record|explain|clarify|hold|go\s+into|help|touch)\b",
            rf"\b(?:policy|policies|terms|description|listing|website|site|menu|profile|page|they|it)\s+(?:just\s+|simply\s+)?(?:{_NOT})\s+(?:\w+ly\s+)?(?:mention|specify|say|state|indicate|tell\s+us|disclose)\b",
            rf"\b{_ISNT}\s+(?:\w+ly\s+)?(?:mentioned|specified|stated|listed|included|covered|given|provided|disclosed|documented|recorded|found|described|contained|discussed|addressed|noted|available|present|there|shown|detailed|published|named|identified|indicated|something\s+(?:that\s+)?(?:is\s+|i\s+find\s+|i\s+have\s+|we\s+have\s+)?)\s*(?:\w+\s+)?(?:in|within|by|from|on|to)\s+(?:me|us|(?:the|my|our|any|this|that|these|those|your)\s+(?:\w+\s+){{0,2}}{SOURCE})\b",
            rf"\b(?:information|details?|data|that|this|answer|it|which)\s+{_ISNT}\s+(?:\w+ly\s+)?(?:specified|stated|disclosed|documented|recorded|mentioned|known|given\s*$|provided\s*$|clear\s+from)\b",
            r"\b(?:information|details?|data|answer)\b[^.,;]{0,40}\b(?:is|are|isn't|aren't|was|were)(?:\s+not)?\s+(?:un|not\s+)?(?:available|provided|known|unavailable|missing|given)\b(?<!\bis available)(?<!\bare available)(?<!\bis provided)(?<!\bare provided)(?<!\bis given)(?<!\bis known)",
            r"\b(?:is|are|remains?)\s+(?:currently\s+)?(?:unknown|unclear|unanswerable|undisclosed|unspecified|not\s+known|not\s+clear|anyone's\s+guess)\b",
            r"\b(?:i|we)\s+(?:have|'ve\s+got|'ve|had)\s+(?:absolutely\s+|honestly\s+)?(?:no\s+(?:idea|clue|way)|nothing)\b",
            r"\b(?:i'd|i\s+would|we'd|we\s+would|i|we|i'll|we'll)\s+(?:much\s+)?(?:rather|prefer|prefer\s+to|choose|have\s+to|must|need\s+to|going\s+to)?\s*(?:not\s+(?:to\s+)?(?:guess|speculate|say|answer|invent|make)|(?:only|just)\s+be\s+guessing|be\s+guessing|decline|pass\s+on\s+(?:that|this)|abstain|leave\s+(?:that|this|it)\s+(?:one\s+)?(?:open|unanswered))\b",
            r"\b(?:(?:won't|will\s+not|don't\s+want\s+to|do\s+not\s+want\s+to|wouldn't\s+want\s+to|can't|cannot|not\s+going\s+to|rather\s+than|instead\s+of|without|no\s+point\s+in)\s+(?:guess(?:ing)?|speculat(?:e|ing)|invent(?:ing)?|mak(?:e|ing)\s+(?:\w+\s+)?(?:something\s+)?up))\b",
            r"\b(?:outside|beyond)\s+(?:of\s+)?(?:my|our|the|what\s+(?:i|we))\s+(?:\w+\s+)?(?:knowledge|scope|information|expertise|remit|records|know|have|can)\b",
            rf"\b(?:not|isn't|nothing|nowhere)\s+(?:\w+\s+){{0,2}}(?:in|on|within|among|anywhere\s+in)\s+(?:(?:my|our|the|this|that|these|any)\s+)(?:\w+\s+)?{SOURCE}\b",
            r"\b(?:that's|that\s+is|this\s+is|it's|it\s+is|is|one)\s*(?:not|n't)?\s*(?:(?:not|n't)\s+)?(?:something|a\s+question|a\s+detail|one)\s+(?:that\s+)?(?:i|we)\s+(?:can't|cannot|don't|do\s+not|couldn't|am\s+unable|wouldn't)\b",
            r"\b(?:not|isn't)\s+(?:something|a\s+(?:question|detail|thing)|one)\s+(?:that\s+)?(?:i|we)(?:'m|\s+am|'re|\s+are)?\s+(?:can|have|know|able|could|hold|track|keep)\b",
            r"\b(?:nothing|not\s+a\s+word|not\s+anything)\s+(?:is\s+said\s+|is\s+mentioned\s+|there\s+)?(?:about|on|regarding|concerning)\b",
            r"\b(?:i|we)\s+lack\b|\b(?:beats\s+me|no\s+idea|no\s+clue|dunno|idk|your\s+guess\s+is\s+as\s+good|can't\s+be\s+(?:answered|determined|confirmed|verified)|cannot\s+be\s+(?:answered|determined|confirmed|verified)|could\s+not\s+be\s+(?:found|determined|verified)|not\s+enough\s+to\s+go\s+on|n/?a)\b",
            r"\b(?:no\s+answer\s+(?:is\s+)?possible|(?:request|operation|access|action|query)\s+(?:is\s+|was\s+|has\s+been\s+|has\s+to\s+be\s+)?(?:denied|rejected|restricted|refused|invalid|failed|declined)\s*(?:[.!,]|$)|not\s+permitted\s*[.!]?$|(?:cannot|can't|unable\s+to)\s+(?:comply|oblige|process)\b|^\W*cannot\s+(?:provide|share|disclose)\W*$|^\W*denied\W*$)",
            r"\b(?:value|result|data|information|answer|entry|status|detail|record)s?\b\s*(?::\s*|\s+(?:is\s+|are\s+)?)(?:currently\s+)?(?:unknown|missing|unavailable|not\s+(?:recorded|found|available|known|on\s+record|on\s+file|specified|listed))\b",
            r"\b(?:we|i|our\s+\w+)\s+(?:\w+ly\s+|must\s+|have\s+to\s+|regret\s+(?:that\s+we\s+|to\s+say\s+)?|are\s+not\s+able\s+to\s+|simply\s+)*(?:cannot|can't|can\s+not|could\s+not|are\s+not\s+able\s+to|'re\s+not\s+able\s+to|are\s+unable\s+to)\s+(?:\w+ly\s+)?(?:grant|consent\s+to|fulfil|fulfill|disclose|reveal|oblige|do|assist|help)\b(?:\s+(?:you\s+)?(?:with\s+)?(?:this|that|there|you|your\s+request|the\s+request|such))?(?:\s+(?:request|wish|one|here|there))*\s*(?:\W|$)",
            r"\bwe(?:'re|\s+are)\s+(?:really\s+)?(?:not\s+able|unable|not\s+allowed|not\s+at\s+liberty|not\s+in\s+a\s+position|not\s+permitted)\b(?=\s*(?:$|[.!,]|about|of|what|how|if|whether|when|where|who|why|which|to\s+(?:\w+ly\s+)?(?:do|help|share|answer|say|tell|find|confirm|provide|give|disclose|comment|assist|verify|locate|check|access|look|determine|speak|discuss|see|identify|advise)))|\bnot\s+at\s+liberty\b|\b(?:i|we)\s+(?:must|have\s+to|need\s+to|will|shall|would\s+have\s+to)\s+(?:\w+\s+){0,2}(?:decline|refuse)\b(?=\s*(?:$|[.!,]|to\s+(?:answer|say|comment|share|do)|this|that|your|the\s+request))",
            r"\b(?:this|that|it|data|information|which|request|wish)\s+(?:may|can|could|must|will|should)\s*(?:not|n't)\s+be\s+(?:\w+ly\s+)?(?:disclosed|shared|released|done|provided|fulfilled|granted|given|revealed|answered|confirmed)\b(?!\s+(?:without|after|before|unless|until|with|by|to|if|within|outside))|\b(?:this|that|it)\s+(?:can't|cannot)\s+be\s+(?:disclosed|shared|released|done|provided|fulfilled|granted|given|revealed)\b|\b(?:this|that)\s+(?:request\s+|information\s+)?cannot\s+be\s+\w+\W*$",
            r"\b(?:not|isn't)\s+(?:ours|mine)\s+to\s+(?:give|share|tell)\b|\bnot\s+possible\s+to\s+(?:do\s+that|answer|say|tell|share)\b|\boutside\s+(?:of\s+)?(?:scope|what\s+(?:can|we|i))\b",
            r"\b(?:none|neither|no\s+one)\s+(?:of\s+)?(?:(?:the|my|our|these|those|them|it|which)\b\s*)?(?:\w+\s+){0,3}?(?:say|mention|specif|state|give|contain|cover|answer|explain|provide|list|tell|address|include|show)\w*\b",
            rf"\b(?:provides?|gives?|contains?|offers?|includes?|has|have|shows?|lists?|holds?)\s+(?:nothing\s+(?:on|about)\b|no\s+{_NO_END}{_QUAL}(?:such\s+)?(?:{_INFO}|clue)\b)",
            r"\b(?:don't|do\s+not|doubt)\s+(?:think|believe|suppose)?\s*(?:that\s+)?(?:i|we|it|the\s+\w+|they|my\s+\w+)\s+(?:can|could|have|know|gives?|says?|mentions?|answers?|would\s+know)\b",
            r"(?:^|\b(?:i|we|but|and|also|still|sadly|unfortunately|sorry|simply)\b[\s,]+(?:\w+\s+)?)(?:could\s+not|couldn't|cannot|can't|can\s+not|did\s+not|didn't|do\s+not|don't|am\s+not|'m\s+not|are\s+not)\s+(?:\w+ly\s+|seem\s+to\s+|even\s+)?(?:find|finding|locate|see|seeing|identify|spot|make\s+out|work\s+out)\b(?!\s+(?:a\s+|any\s+)?(?:better|lower|cheaper|why|problems?))",
            r"\b(?:nothing|no\s+results?|not\s+a\s+thing|no\s+match(?:es)?)\s+(?:came\s+up|turned\s+up|was\s+found|were\s+found|matched|found|is\s+known|in\s+(?:my|our|the))\b|\bcame\s+up\s+(?:empty|blank|short)\b|\bno\s+luck\b|\b(?:got|have)\s+me\s+there\b|\bi\s+(?:only\s+)?wish\s+i\s+(?:knew|could\s+(?:say|tell|answer|help))\b|\bif\s+(?:only\s+)?i\s+knew\b|\bdraw(?:ing|n|s)?\s+a\s+blank\b|\bneither\s+confirm\s+nor\s+deny\b|\b(?:there\s+(?:is|'s)|have|has)\s+an?\s+(?:gap|blank)\b|\bstumped\b",
            r"\b(?:i|we)(?:'d|\s+would)\s+(?:first\s+)?(?:need|have)\s+(?:to\s+(?:see|check|know|ask|look)|more|further|additional|access|the)\b|\bnot\s+possible\s+to\s+(?:\w+ly\s+)?(?:determine|say|tell|know|answer|establish|confirm|give|identify|conclude)\b",
            r"\b(?:i|we)(?:'d|\s+had|\s+would|\s+should|'ll|\s+will)?\s+(?:better|rather|best)?\s*(?:not|be)\s+(?:(?:just\s+)?mak(?:e|ing)|invent(?:ing)?|guess(?:ing)?|speculat(?:e|ing))\b|\bwrong\s+(?:of\s+(?:me|us)\s+)?to\s+(?:guess|speculate)\b|\bmaking\s+(?:it|this|that|something)\s+up\b",
            r"\b(?:i|we)\s+(?:can\s+|am\s+able\s+to\s+|'m\s+able\s+to\s+)?only\s+(?:answer|know|help\s+with|have|handle|see)\s+(?:questions\s+)?(?:about|on|with|information\s+about)\b|\b(?:doesn't|don't|does\s+not|do\s+not)\s+go\s+(?:into|that\s+far|so\s+far|beyond|further)\b",
            rf"\b{SOURCE}\b[^.,;]{{0,30}}\b(?:is|are|stays?|remains?)\s+silent\b|\b(?:is|are)\s+silent\s+(?:on|about)\b|\bsays?\s+nothing\b|\bnothing\s+(?:is\s+)?(?:said|stated|recorded|written|mentioned|known)\b",
            r"\b(?:private|confidential|personal)\b[^.;]{0,40}\b(?:can't|cannot|may\s+not|won't|not\s+able)\b|\b(?:can't|cannot|won't|not\s+able\s+to|unable\s+to|not\s+allowed\s+to)\s+(?:give\s+(?:that\s+|it\s+|this\s+)?out|share|disclose|reveal|discuss|pass\s+on)\b(?!\s+(?:\w+\s+){0,3}(?:without|after|before|unless|until|if|twice)\b)",
            r"\bnot\s+(?:the\s+right\s+(?:one|person)|for\s+(?:us|me)\s+to\s+say)\b|\bhaven't\s+got\s+(?:that|this|the|any)\b|\bneither\s+do\s+(?:i|we)\b",
            r"\b(?:i|we)\s+(?:wasn't|was\s+not|weren't|were\s+not|haven't\s+been|have\s+not\s+been)\s+able\s+to\b|\b(?:still\s+)?not\s+(?:finding|seeing)\s+(?:it|that|this|any|the|a)\b",
            r"\b(?:is|are|was|were)(?:n't|\s+not)\s+(?:\w+ly\s+)?(?:given|stated|provided|specified|mentioned|listed|named|recorded|documented|known|shown)\W*$",
            r"\b(?:i|we)\s+(?:currently\s+|just\s+)?(?:don't|do\s+not)\s+(?:currently\s+|actually\s+)?have\s+(?:its|their|your|his|her|that|this|it|the|those|any)\b[^.;]{0,40}\b(?:on\s+(?:record|file|hand)|in\s+front|here|to\s+hand|hours|number|name|price|date|address|details?|answers?|figures?|size|weight|colou?r)\b",
            r"\b(?:i|we)\s+(?:can't|cannot|can\s+not|couldn't|am\s+unable\s+to)\s+(?:access|look\s+up|retrieve|view|open|check|provide\s+(?:an?|any|the|that|this|more))\b(?!\s+\w+\s+(?:after|without))|^\W*(?:can't|cannot|couldn't|could\s+not)\s+(?:really\s+)?(?:tell|say|confirm|find)\b(?!\s+a\b)",
            r"\b(?:it's|it\s+is|that's|remains?)\s+(?:not\s+clear|unclear|unknown|uncertain)\b",
            r"^\W*no\s+(?:mention|record|trace|sign|word)\s+(?:of|on)\b|\bno\s+way\s+(?:for\s+(?:me|us)\s+to|of\s+know)|\b(?:i|we)\s+haven't\s+(?:got\s+)?(?:an?|any|the|that|enough)\s+(?:answer|idea|info|detail|record|clue)|\b(?:can't|cannot|can\s+not|could\s+not)\s+be\s+(?:\w+ly\s+)?(?:resolved|settled|inferred|derived|deduced|established|ascertained|worked\s+out|told)\b|\bmystery\s+to\s+(?:me|us)\b|\bbe\s+lying\b|\b(?:can't|cannot|not\s+able\s+to)\s+(?:give|offer|provide)\s+(?:\w+\s+)?advice\b|\bhas\s+no\s+(?:entry|record|mention|listing)\b",
            r"^\W*(?:unknown|unanswerable|no\s+answer|not\s+(?:sure|known|specified|stated|mentioned|provided|given|available|answerable|found|certain)|unsure|none\s+given|insufficient\s+(?:information|context)|can't\s+say|cannot\s+say|hard\s+to\s+say|no\s+comment|i\s+pass|pass)\W*$",
        )
    )
)

_THING = r"(?:such|stores?|shops?|branch(?:es)?|products?|items?|orders?|persons?|people|employees?|colleagues?|customers?|users?|polic(?:y|ies)|services?|campaigns?|models?|versions?|awards?|accounts?|members?|records?|entr(?:y|ies)|listings?|offers?|departments?|teams?|events?|titles?|books?|recalls?|vouchers?|tickets?|appointments?|one)"

DENIES: Final = re.compile(
    "|".join(
        (
            rf"\b(?:we|i|they)\s+{_ADVERB}{_NOT}\s+{_ADVERB}(?:sell|offer|carry|stock|make|list|operate|run|produce|recogni[sz]e|know\s+of|find|have)\s+(?:an?|any|such|the|that|this|anything|anyone|(?-i:[A-Z])\w+)\b(?!\s+(?:\w+\s+){0, 2}(?:restriction|limit|fee|charge|discount|plan|code|more|longer|problem|minimum|old)s?\b)",
            rf"\b(?:we|i|they)\s+(?:have|run|operate|sell|carry|know\s+of)\s+no\s+(?!minimum|maximum|outstanding|missed|further|extra)(?:\w+\s+)?(?:{_THING}|(?-i:[A-Z])\w+)\b",
            rf"\b(?:there\s+(?:is|are|was|were)\s+no|there's\s+no|there\s+(?:isn't|aren't|wasn't|weren't)(?:\s+an?|\s+any)?)\s+(?:\w+\s+)?(?:{_THING}|(?-i:[A-Z])\w+)\b|\bno\s+such\b",
            rf"\b(?:{_NOT}|never)\s+(?:\w+ly\s+)?(?:exist|existed|match\s+(?:any|our|a))\b|\bnon-?existent\b",
            rf"\b{_ISNT}\s+(?:actually\s+|currently\s+)?(?:part\s+of|among|one\s+of|in|on|a\s+(?:product|store|person|name|service|policy|model|colleague|member)\b[^.]{{0,20}}\b(?:we|of|in|at|with))\s*(?:our|the|us|we|any|my)?\b",
            r"\bnone\s+of\s+(?:our|the)\s+\w+\s+(?:carr|sell|stock|offer|ha[sv]|make)\w*\b|\bnot\s+aware\s+of\s+any\b|\b(?:was|were|been)\s+never\b[^.]{0,60}\b(?:records?|know|files?)\b|\b(?:doesn't|does\s+not|don't|do\s+not)\s+(?:include|list|contain|show|have)\s+(?:an?|any)\s+(?-i:[A-Z])",
            r"\b(?:we|they|i)(?:'ve|\s+have)?\s+never\s+(?:\w+\s+)?(?:sold|stocked|produced|offered|launched|had|made|run|held|announced|opened|carried|employed|heard)\b",
            r"\b(?:no|not\s+a)\s+(?:product|store|person|order|record|account|policy|service|campaign|model|employee|member|listing|item|such|one)\b[^.]{0,30}\b(?:called|named|by\s+that|with\s+that|under\s+that|matching|that\s+matches|like\s+that|exists?)\b",
        )
    ),
    re.IGNORECASE,
)
