"""English: how somebody says that they want no calls any more.

Patterns see lower-case words with single spaces and without apostrophes.
"""

from __future__ import annotations

import re

from dialog.parsers.tables import Refusal, Refusals

# --- whom and what ----------------------------------------------------------------------------------------------------
_WRITE = r"(?:text|message|e ?mail|write|bother)"
_CALL = (
    rf"(?:call|phone|ring(?= (?:me|us|here|this|my|our|back|again)\b)|telephone|contact|dial)(?: (?:or|and"
    rf"|nor) (?:call|contact|{_WRITE}))*"
)
_CALLED = r"(?:called|phoned|rung|rang|telephoned|contacted)"
_CALLING = (
    r"(?:calling|phoning|ringing|telephoning|contacting|dialing|dialling)"
    r"(?: (?:or|and) (?:texting|messaging|e ?mailing|writing|bothering|harassing))*"
)
_OURS = r"(?:this|my|our) (?:\w+ )?(?:number|phone|line|cell|cellphone|mobile|landline|house)"
_ME = rf"(?: (?:me|us|here|back|up|(?:on |at |to )?{_OURS}))*"
_ME_INDEED = rf" (?:me|us|here|(?:on |at |to )?{_OURS}){_ME}"
_KIND = (
    r"(?:(?:any|all|of|more|further|the|these|those|this|your|such|kind|sort|phone|telephone|sales|marketing|cold"
    r"|spam|nuisance|automated|automatic|robo|unsolicited|unwanted|stupid|damn|annoying) )*"
)
_CALLS = rf"{_KIND}(?:calls|phonecalls|robocalls)"
_MINE = r"(?:me|us|(?:my|our|this) (?:\w+ )?(?:number|name|phone|contact|details|line))"
_LIST = (
    r"(?:of )?(?:(?:all|any|every) )?(?:of )?(?:your|the|this|that|these)"
    r"(?: (?:do|call|calls|calling|caller|contact|contacts|phone|telephone|marketing|mailing|telemarketing|customer"
    r"|sales|outbound|campaign|spam|damn))* (?:list|lists|database|databases|system|systems|records|files|register"
    r"|registry|calls|contacts)\b"
)
_AGAIN = r"(?:again|any ?more|ever(?: again)?|any longer)"

# --- when, and on what condition --------------------------------------------------------------------------------------
_HOUR = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: thirty| fifteen| o ?clock|oclock"
    r"| am| pm)*"
)
_PART = (
    rf"(?:{_HOUR}|nights?|noon|midday|midnight|dawn|mornings?|afternoons?|evenings?|weekends?|weekdays?|holidays?"
    rf"|vacation"
    r"|\w+days?|lunch ?(?:time|break|hour)?|dinner ?(?:time)?|supper|breakfast|bed ?time|work|school|home|office"
    r"|church"
    r"|(?:working |business |office )?hours?|times?|shifts?|meetings?|class|summer|winter|christmas|early|late)"
)
_TIME = (
    rf"(?:(?:at|in|on|before|after|until|till|til|during|past|between|around|by|from)"
    rf"(?: (?:a|an|the|my|our|any|this|that|those|these|such|half|quarter|about|around))* {_PART}"
    r"|today|tomorrow|tonight|this (?:morning|afternoon|evening|week|weekend|month|year|minute|hour|time)"
    r"|(?:on )?(?:week(?:end|day)s?|mornings|evenings|nights|sundays|saturdays)"
    r"|(?:so|too|this|that|very) (?:early|late|often|much|many|soon)|early in the|late at|every|each (?:day|week"
    r"|time)|twice|more than|for (?:\w+ ){0,3}(?:while|days?|weeks?|months?|hours?|minutes?|moment|now))"
)
_UNTIL = (
    r"(?:before|after(?! (?:this|today|that|all)\b)|until|till|til|when|whenever|while|during|if|unless|except"
    r"|without)"
)
_OTHER_MATTER = r"(?:about|regarding|concerning)(?! (?:this|that|it|anything|any of|these|such)\b)"
_LIMIT = rf"\b(?:{_TIME}|{_UNTIL})\b"
_CALLS_WANTED = (
    r"(?<!not )(?<!dont )(?<!never )(?<!ever )(?<!stop )\b(?:call|ring|phone|try) (?:me|us|my \w+|back"
    r"|again)\b(?: \w+)??"
    r" (?:tomorrow|tonight|later|next|after|before|around|in|on|at|instead|when|if|another|back)\b"
)
_CIRCUMSTANCE = (
    rf"{_LIMIT}|{_CALLS_WANTED}|\b(?:now|at the moment|currently|busy|meeting|driving|working|asleep|sleeping|sleep"
    rf"|eating|hospital|class|later|instead|(?<!or )(?<!and )(?<!nor ){_WRITE}|(?:ill|i will|let me) (?:call|ring"
    rf"|phone|contact)"
    rf"|{_OTHER_MATTER}|leave (?!me alone)|put|send|deliver|bring|come|drop|keep|use)\b"
)
_NEXT = (
    r"(?= *$| (?:again|any ?more|ever|forever|for|about|regarding|concerning|because|with|from|under|in|on|at"
    r"|before|after|until|till|til|when|whenever|while|during|if|unless|without|except|every|each|all|so|too|now"
    r"|right|immediately|please|thanks?|ok|okay|period|or|and|but|anyway|either|to|today|tonight|tomorrow|early"
    r"|late|unsolicited|since|as|what|why|who|how|get|just|bye|goodbye|i|im|ive|id|ill|we|its|it is|thats|that is"
    r"|there|this \w|that (?:early|late|often|much))"
    r"(?: |$)|(?<=\bme) you|(?<=\bus) you|(?<=again) you|(?<=calls) you)"
)

# --- who says it of whom ----------------------------------------------------------------------------------------------
_ASIDE = r"(?: (?:will|would|can|could|may|might|should|must|have|had|really|just|also|still|usually|always|please))*"
_TELLS = (
    rf"\b(?:i|we|he|she|they|it|who|nobody|somebody|someone|anyone|everyone|ill|id|theyll|hell|shell){_ASIDE} $"
    r"|\b(?:my|your|the|these|those|our|their|his|her|some|all|most|many|other)(?: \w+)? (?!calls)(?:\w+s|people"
    r"|family) $"
    r"|\b(?:told|asked|tell|ask|want|wants|wanted|advised|warned|remind) (?:me|us|him|her|them)(?: to)? $"
    r"|\b(?:was|were|been|am|promise|promised|decided|try|tried|trying)(?: told| asked)?(?: to)? $"
    r"|\b(?:why|how come) $"
)
_FRONTED = (
    rf"\b{_TIME}(?: (?:please|just|kindly))* $|^(?:\w+ )?(?:when(?! (?:will|would|are|do|can|is))|whenever|while"
    rf"|during)\b"
)
_YOU_TELLS = (
    r"(?<!\bsure )(?<!\bensure )(?<!\brather )(?<!\bprefer )(?<!\binsist )(?<!\bdemand )(?<!\bask )"
    r"(?<!\bsure that )(?<!\btold )(?<!\basked )(?<!\btelling )(?<!\basking )"
    r"(?<!\binsist that )(?<!\bdemand that )(?<!\bask that )\byou(?: (?:would|could|can|might|have|had|usually"
    r"|always))? $"
)

_FORBIDS = re.compile(
    r"\b(?:"
    rf"(?:never(?: ever| again| to)*|(?:do not|dont)(?: you)? (?:ever|dare)(?: ever| to)*) {_CALL}{_ME}"
    rf"|(?:do not|dont|not|never)(?: to| ever)* {_CALL}{_ME} {_AGAIN}"
    rf"|(?:you )?(?:cannot|cant|can not|mustnt|must not|shouldnt|should not|may not|(?:are not|arent)(?: allowed"
    rf"| permitted)? to)(?: ever)? {_CALL}{_ME} {_AGAIN}"
    rf"|(?:do not|dont) (?:bother|keep)(?: on)? {_CALLING}{_ME}(?: {_AGAIN})?"
    r"|(?:(?:can|could|would|will) you )?(?:please )?(?:make sure|ensure|see)(?: to it)?(?: that)? (?:nobody|no one"
    r"|noone|none of you)(?: ever)?"
    rf" (?:calls|phones|rings|contacts){_ME_INDEED}"
    rf"){_NEXT}"
)
_STOPS = re.compile(
    r"\b(?:"
    r"(?:(?:put )?(?:an end|a stop) to|stop|quit|cease|refrain from|(?<=if you )stopped)(?: with)?"
    rf"(?: (?:making|placing|doing|giving(?: me| us)?|getting|receiving))? (?:{_CALLING}{_ME}|{_CALLS})"
    r"|no (?:more|further) (?:\w+ )?(?:calls|phonecalls)|enough (?:of |with )?(?:these|those|the|your) (?:\w+ )?calls"
    r"|(?:i|we)(?: \w+)? (?:do not|dont|no longer)(?: \w+)? (?:want|need|wish|like|care)(?: \w+){0,3}?"
    rf" (?:(?:any more|any further|more) (?:\w+ )?calls|(?:{_CALLED}|{_CALL}{_ME_INDEED}|{_CALLING}{_ME_INDEED}"
    rf"|{_CALLS}) {_AGAIN})"
    rf"){_NEXT}"
)
_ID = r"(?:(?:i|we|id|wed|it)(?: would| really| much)*(?: (?:prefer|ask|request|insist|demand))?(?: that)? )?"
_BARE = re.compile(
    r"\b(?:"
    rf"(?:do not|dont) {_CALL}{_ME}"
    rf"|{_ID}(?:you|them|people|everyone|anyone|prefer|like|rather|request)(?: please)? not(?: to)?"
    rf" (?:{_CALL}{_ME_INDEED}|be {_CALLED}{_ME})"
    rf"|(?:can|could|would|will) you(?: please| just)? not {_CALL}{_ME}"
    rf"|{_ID}(?:rather|prefer|appreciate it|(?:be )?(?:grateful|happy|better|nice))(?: if| that)?(?: you)?"
    rf" (?:did not|didnt|do not|dont|would not|wouldnt|no longer) (?:{_CALL}|{_CALLED}){_ME_INDEED}"
    r"|(?:i|we)(?: \w+)? (?:do not|dont|no longer)(?: really| ever)? (?:want|wish|like|care|need|consent|agree"
    r"|authori[sz]e|permit|allow)(?: to)?"
    r"(?: (?:be|being|get|getting|receive|receiving|have|having|take|taking|answer|you|you to|any(?:one"
    r"|body)(?: to)?))*"
    rf" (?:{_CALLED}{_ME}|{_CALL}{_ME_INDEED}|{_CALLING}{_ME_INDEED}|{_CALLS})"
    rf"){_NEXT}"
    rf"|^(?:please )?no {_KIND}calls(?: please)?$"
)
_AT_ONCE = (
    r"(?: (?:please|now|right now|today|immediately|right away|at once|for good|forever|completely|permanently))*"
)
_THEN_NOTHING = (
    rf"(?={_AT_ONCE}(?: (?:thanks|thank you))?(?:$| (?:and|or|i|im|ive|we|so|because|before|this is|thats)\b))"
)
_LISTED = re.compile(
    rf"\b(?:take|get|strike|cross|scratch|remove|delete|drop|erase) {_MINE} (?:off|from|out of) {_LIST}{_AT_ONCE}"
    rf"|\b(?:(?:take|get|strike) {_MINE} off|remove (?:me|us)){_THEN_NOTHING}"
    r"|\b(?:opt(?:ing)?(?: (?:me|us|my number|this number))? out|unsubscribe(?: me| us)?)"
    rf"(?: (?:of|from) (?:{_CALLS}|{_LIST}|this|it|that|these|everything|all of (?:this|these|it)|(?:being"
    rf"|getting) {_CALLED}"
    rf"|(?:getting|receiving) {_CALLS}))?{_THEN_NOTHING}"
    r"|\b(?:on|onto|to|in|into|with) (?:your|the|a|my|that) (?:\w+ ){0,2}(?:do not|dont|no) call (?:list|register"
    r"|registry)"
)
_STRUCK = re.compile(rf"\b(?:remove|delete|erase|lose|forget) (?:my|this|our) (?:\w+ )?number{_THEN_NOTHING}")

_DENIES = r"(?<!\bif you )(?<!\bunless you )\b(?:do not|dont|did not|didnt|not|never|cant|cannot|couldnt|wont)"
_NOT = rf"{_DENIES}(?:(?: to| \w+ly)*|(?: want| wish| like| need)(?: you)?(?: to)?) $"
_ALREADY = r"\b(?:did|have|has|had|if|whether) (?:you|they|i|we)(?: \w+ly)? $"
_ASKED_WHETHER = (
    r"(?<!\bit )(?<!grateful )(?<!happy )(?<!better )(?<!nice )(?<!glad )\b(?:did|do|have|has|if|whether|once|until"
    r"|before|after|when) (?:you|they|i|we)(?: \w+ly)? $"
)
_A_THING = r"\b(?:what is|whats|what does|does|is|the|an|your) $"
_MORE_SAID = (
    r"^(?!(?:(?:no|nope|yes|please|just|so|and|but|then|ok|okay|well|look|listen|hey|hi|hello|sorry|thanks"
    r"|thank you|hang on|really|seriously|kindly|sir|maam|from now on|in (?:the )?future|leave me alone|go away"
    r"|(?:im |i am )?not interested|enough"
    r"|(?:i|we) (?:said|repeat|mean|asked|told|have asked|have told)(?: you)?(?: to)?|i want|i would like) )*$)."
)
"""Something besides a bare refusal stands before it: what it is about may be told there."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


REFUSALS = Refusals(
    ways=(
        Refusal(_FORBIDS, _any(_TELLS, _YOU_TELLS, _FRONTED), _any(_LIMIT, _OTHER_MATTER), _any(_CALLS_WANTED)),
        Refusal(_STOPS, _any(_TELLS, _FRONTED, _NOT, _ASKED_WHETHER), _any(_LIMIT), _any(_CALLS_WANTED)),
        Refusal(_BARE, _any(_MORE_SAID), _any(_LIMIT), _any(_CIRCUMSTANCE)),
        Refusal(_LISTED, _any(_NOT, _ALREADY, _A_THING), _any(_LIMIT), _any(r"\b(?:newsletters?|e ?mails?)\b")),
        Refusal(
            _STRUCK,
            _any(_NOT, _ALREADY, _TELLS),
            _any(_LIMIT),
            _any(r"\b(?:another|new|different|instead|replace|change|update|correct|add|use)\b"),
        ),
    ),
    ends=re.compile(r"\b(?:but|so|because|cause|then|ok|okay|no|yes|well|listen|look) "),
    begins=re.compile(
        r"\b(?:i|im|ive|id|ill|we|weve|you|youre|youve|youll|he|she|they|theyre|its|it is|this is|thats|that is"
        r"|there|and|but|so (?!early|late|often|much|many|soon)|because|cause|since|or else|otherwise|what|why|who"
        r"|how|thanks?|bye|goodbye|get|just|go)\b"
    ),
)
