"""English: set phrases, yes and no, numerals, and what its prose needs.

Patterns see lower-case words with single spaces and without apostrophes ("that's" is "thats"), which is also how a
recognizer writes.
"""

from __future__ import annotations

import re

from dialog.parsers import english_values as values
from dialog.parsers.english_refusals import REFUSALS
from dialog.parsers.tables import Agreement, Following, Language, Numerals, Phrases, Prose, Wish, Wording

_FILLER = (
    r"(?:(?:uh|um|oh|so|well|just|please|no|hello|hi|hey|okay|ok|yes|yeah|actually|sorry|can i get|i want|i"
    r" need)\s+)*"
)
_STAFF = (
    r"(?:(?:real|live|actual|human)\s+)?(?:person|human(?:\s+being)?|agent|representative|rep|operator"
    r"|advis[eo]r|associate"
    r"|supervisor|human agent|customer service|customer support|staff member|team member)"
)
_ANYONE = rf"(?:{_STAFF}|someone|somebody|people|staff|manager|a real one)"

_HUMAN = re.compile(
    rf"\b(?:talk|talking|speak|speaking|chat|connect|connected|transfer|transferred|switch"
    rf"|patch)\b(?:\s+\w+){{0,5}}?\s+{_ANYONE}\b"
    rf"|\b(?:put|pass)\s+(?:me|us)\b(?:\s+\w+){{0,5}}?\s+{_ANYONE}\b"
    rf"|\b(?:get|give|need|want|have|find|reach|prefer)\b(?:\s+(?:me|us|a|an|the|to|some|your|hold"
    rf"|of)){{0,4}}\s+{_STAFF}\b"
    rf"|^{_FILLER}(?:an?\s+)?{_STAFF}(?:\s+(?:please|now|thanks))*$"
    r"|\b(?:real|live|actual)\s+(?:person|human|agent)\b"
    r"|\bhuman being\b"
    r"|\b(?:dont|do not|not|stop|tired of|hate)\b(?:\s+\w+){0,6}?\s+(?:robot|machine|bot|computer|recording)\b"
)
_NOT_HUMAN = re.compile(
    rf"\b(?:dont|do not|not|without|never|no need)\b(?:\s+(?:want|need|to|talk|speak|transfer|connect|me|with"
    rf"|for|an?|the)){{1,6}}\s+{_ANYONE}\b"
    r"|\b(?:what|which)\s+(?:hours|times?|days)\b"
    r"|^(?:\w+\s+){0,2}(?:are you|is this|is that|am i (?:talking|speaking))\b"
    r"(?!.*\b(?:want|let|get|need|transfer|connect)\b)"
    r"|\b(?:when|until when|how late)\s+(?:are|is|can|do)\b"
)


ENGLISH = Language(
    code="en",
    phrases=Phrases(
        spaced=True,
        wishes={
            Wish.HUMAN: _HUMAN,
            Wish.SLOWER: re.compile(
                r"\b(?:slower|slow down|more slowly|speak slowly|talk slowly|too (?:fast|quick)|not so fast)\b"
            ),
            Wish.LOUDER: re.compile(
                r"\b(?:louder|speak up|too quiet|volume up|up the volume|turn (?:it|the volume) up|more volume)\b"
                r"|\b(?:can|could) (?:hardly|barely) hear (?:you|that)\b"
            ),
            Wish.REPEAT: re.compile(
                r"\brepeat (?:that|it|this|what|please|again|the)\b|^(?:\w+ ){0,3}repeat$|\bsay (?:that|it)"
                r" (?:again|once more)\b|\bsay again\b"
                r"|\bcome again\b|\bpardon\b|\bone more time\b|\bonce more\b|\bagain please\b"
                r"|\b(?:didnt|did not|couldnt|could not|cant|cannot) (?:quite )?(?:hear|catch|get|understand)"
                r" (?:that|you|it|what)\b"
                r"|\bwhat did you (?:just )?say\b|\bsorry what\b|\bwhat was that\b|\bexcuse me$|^what$"
            ),
            Wish.GOODBYE: re.compile(
                r"\b(?:good ?bye|bye bye|bye|thats all|that is all|that will be all|thatll be all|thats it|that"
                r" is it|nothing else"
                r"|im done|i am done|im good|have a (?:good|nice|great|lovely) (?:day|one|evening|night"
                r"|weekend)|hang up)\b"
            ),
            Wish.CANCEL: re.compile(
                rf"^{_FILLER}(?:cancel(?: that| it| this)?|never ?mind|forget (?:it|that|about it)|stop(?: it|"
                rf" that)?|leave it|skip (?:it|that)"
                r"|i (?:dont|do not) want (?:that|this|it|to)(?: do (?:that|this|it))?|dont bother|no need)(?:"
                r" (?:please|thanks|thank you|then|now))*$"
            ),
            Wish.UNKNOWN_VALUE: re.compile(
                r"\b(?:dont|do not) (?:know|have|remember|see)\b|\bno idea\b|\b(?:cant|cannot|couldnt|can not)"
                r" (?:find|remember|see)\b"
                r"|\b(?:lost|forgot|forgotten) (?:it|my|the)\b|\bhavent got\b"
            ),
        },
        unless={Wish.HUMAN: _NOT_HUMAN},
        longest={
            Wish.HUMAN: 30,
            Wish.SLOWER: 12,
            Wish.LOUDER: 12,
            Wish.REPEAT: 12,
            Wish.GOODBYE: 10,
            Wish.CANCEL: 8,
            Wish.UNKNOWN_VALUE: 14,
        },
        calls_off=re.compile(r"\bcancel"),
    ),
    agreement=Agreement(
        yes=re.compile(
            r"yes|yeah|yep|yup|ya|correct|right|exactly|sure|ok|okay|affirmative|absolutely|indeed|definitely"
            r"|please do|go ahead|of course|that is it|thats it"
        ),
        no=re.compile(
            r"no|nope|nah|wrong|incorrect|negative|nothing|not (?:right|correct|it|quite|really|exactly)|isnt"
            r" right|isnt correct|no thats|dont think so"
        ),
        opener=re.compile(r"yes|yeah|yep|yup|no|nope|nah|correct|right|wrong|okay|ok|sure"),
        beside=re.compile(
            r"please|thanks|thank|you|do|that|thats|it|its|so|is|the|my|this|go|ahead|fine|good|great|perfect|sounds"
            r"|cancel|book|change|send|refund|move|order|booking|all|very|much|just|now"
        ),
        short=6,
    ),
    numerals=Numerals(
        words={
            "zero": "0",
            "one": "1",
            "two": "2",
            "three": "3",
            "four": "4",
            "five": "5",
            "six": "6",
            "seven": "7",
            "eight": "8",
            "nine": "9",
            "niner": "9",
            "ten": "10",
            "eleven": "11",
            "twelve": "12",
            "thirteen": "13",
            "fourteen": "14",
            "fifteen": "15",
            "sixteen": "16",
            "seventeen": "17",
            "eighteen": "18",
            "nineteen": "19",
        },
        confusable={
            "oh": "0",
            "o": "0",
            "owe": "0",
            "won": "1",
            "want": "1",
            "to": "2",
            "too": "2",
            "tree": "3",
            "for": "4",
            "fore": "4",
            "fife": "5",
            "sex": "6",
            "sicks": "6",
            "ate": "8",
            "hate": "8",
            "night": "9",
            "nein": "9",
        },
        syllables={},
        native={},
        places={"thousand": 1000, "hundred": 100},
        tens={
            "twenty": "2",
            "thirty": "3",
            "forty": "4",
            "fourty": "4",
            "fifty": "5",
            "sixty": "6",
            "seventy": "7",
            "eighty": "8",
            "ninety": "9",
        },
        multipliers={"double": 2, "triple": 3},
        fillers=frozenset(
            {"uh", "um", "er", "and", "then", "dash", "hyphen", "space", "followed", "by", "okay", "yeah"}
        ),
        corrections=frozenset({"sorry", "no", "wait", "correction", "mean", "actually", "oops"}),
        endings=re.compile(r""),
    ),
    prose=Prose(
        leans_back=re.compile(
            r"^(?:however|but|also|and|or|in this case|in that case|this |these |those |that |it |they |such "
            r"|otherwise|therefore|then|so,|"
            r"additionally|furthermore|in addition|instead|after that|the same )",
            re.IGNORECASE,
        ),
        limits=re.compile(
            r"^(?:however|but|except|unless|exceptions?|only if|this does not|these do not|it does not|excluded)",
            re.IGNORECASE,
        ),
        restricts=re.compile(
            r"\b(?:not|no|never|none|nor|without|except|excluding|excludes?|unless|only|if|until|within|at"
            r" least|at most|up to|minimum|maximum"
            r"|cannot|can't|won't|don't|doesn't|isn't|aren't|less than|more than|before|after)\b",
            re.IGNORECASE,
        ),
        introduces=re.compile(r"(?::|as follows\.?|the following\.?)\s*$", re.IGNORECASE),
        joins=(", ", ", and "),
        others=", among others",
        unit=re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*"),
        longest_answer=45,
        longest_sentence=70,
        scales={"thousand": 1_000, "million": 1_000_000, "hundred": 100},
        number_words={
            "one": "1",
            "two": "2",
            "three": "3",
            "four": "4",
            "five": "5",
            "six": "6",
            "seven": "7",
            "eight": "8",
            "nine": "9",
            "ten": "10",
            "eleven": "11",
            "twelve": "12",
            "fourteen": "14",
            "fifteen": "15",
            "twenty": "20",
            "thirty": "30",
            "sixty": "60",
            "ninety": "90",
        },
        stop=frozenset(
            "a an the i me my we our you your it its is are was were be been do does did can could would will"
            " shall should may "
            "have has had to of in on at for from by with about as and or but so if then than that this these"
            " those there here "
            "what which who whom when where why how please tell know want need like get got any some just im id"
            " ill ive "
            "hi hello hey uh um okay ok yes no".split()
        ),
        hollow=re.compile(r"takes?|long|much|many|cost|costs|possible|able|happens?|mean|means|question|ask|asking"),
        tails=re.compile(r"(?<=\w{3})(?:'s|s|es|ed|ing)$"),
        forms=(
            (
                re.compile(r"\bhow much|\bcosts?\b|\bprice|\bcharge|\bfee\b"),
                re.compile(r"\d[\d,]* ?(?:won|percent|%)|\bfree\b"),
            ),
            (
                re.compile(r"\bhow (?:long|many (?:days|weeks|months|years))|\bwithin how"),
                re.compile(r"\b(?:day|week|month|year|hour|minute)s?\b"),
            ),
            (
                re.compile(r"\bwhen\b|\bwhat (?:time|hours|day)|\bhours\b|\bhow late|\buntil\b"),
                re.compile(r"\d ?(?:a\.m\.|p\.m\.|am|pm)|\b(?:day|week|month|hour)s?\b|\b[12]\d\d\d\b"),
            ),
            (
                re.compile(r"\bwhere\b|\bthe address (?:of|is)|\b(?:what|which) (?:area|address)"),
                re.compile(r"\b\d+ \w+-(?:ro|gil)\b|\b(?:street|road|avenue|floor|area|counter)\b|\bin [A-Z]"),
            ),
            (re.compile(r"\bhow many\b|\bhow old\b"), re.compile(r"\d|\b(?:one|two|three|four|five|six|ten|twelve)\b")),
        ),
    ),
    wording=Wording(
        particles={},
        months=(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        halves=("a.m.", "p.m."),
        date="{month} {day}",
        day="{weekday}, {month} {day}",
        time=("{hour} {half}", "{hour}:{minute:02} {half}"),
        moment="{day} at {time}",
        money="{amount:,} won",
        and_more="{first} and {rest} more",
    ),
    following=Following(
        opener=re.compile(r"^(?:and|what about|how about|then|but what|but|or|what if|so|also)\b"),
        longest=8,
        hesitations=frozenset(
            {"uh", "um", "er", "hi", "hello", "hey", "well", "so", "okay", "ok", "yeah", "yes", "oh"}
        ),
        ordinals=(
            re.compile(r"\b(?:first|number one|option one|former|1st)\b|^(?:the one|one|1)$"),
            re.compile(r"\b(?:second|number two|option two|latter|2nd)\b|^(?:two|2|to|too)$"),
            re.compile(r"\b(?:third|number three|option three|3rd)\b|^(?:three|3)$"),
        ),
    ),
    cardinals=values.CARDINALS,
    amounts=values.AMOUNTS,
    calendar=values.CALENDAR,
    hours=values.HOURS,
    phones=values.PHONES,
    frames=values.FRAMES,
    refusals=REFUSALS,
)
