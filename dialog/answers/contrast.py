"""Whether a sentence speaks of the very opposite of what is asked: before for after, most for least, not for yes. Pure.

Such a sentence shares nearly all of the question's words and meaning, so that neither words nor vectors tell it from
one that answers. The opposites are data, a line for each pair, by language; which is meant is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialog.answers.restrictions import Restriction, restriction_kinds
from dialog.errors import LanguageNotSpoken

_ENGLISH = (
    (r"before|prior", r"after|following"),
    (r"first", r"last|final"),
    (r"increas\w*|rise|rose|grow\w*|grew", r"decreas\w*|declin\w*|fall\w*|fell|shrink\w*|reduc\w*"),
    (r"more", r"less|fewer"),
    (r"most", r"least|fewest"),
    (r"high(?:est|er)?", r"low(?:est|er)?"),
    (r"large\w*|big\w*", r"small\w*"),
    (r"long(?:est|er)?", r"short(?:est|er)?"),
    (r"old(?:est|er)?", r"new(?:est|er)?|young\w*"),
    (r"early|earliest|earlier", r"late|latest|later"),
    (r"beg[aiu]n\w*|start\w*", r"end(?:ed|s|ing)?|stop\w*|finish\w*"),
    (r"open\w*", r"clos\w*"),
    (r"accept\w*", r"reject\w*|refus\w*"),
    (r"allow\w*|permit\w*", r"forbid\w*|prohibit\w*|ban(?:s|ned)?"),
    (r"w[io]n|winn\w*|victor\w*", r"los[et]\w*|defeat\w*"),
    (r"north\w*", r"south\w*"),
    (r"east\w*", r"west\w*"),
    (r"above|upper", r"below|lower"),
    (r"inside|internal\w*", r"outside|external\w*"),
    (r"male|men|man", r"female|wom[ae]n"),
    (r"buy\w*|bought|purchas\w*", r"sell\w*|sold"),
    (r"import(?:s|ed|ing)?", r"export\w*"),
    (r"enter\w*", r"leav\w*|left|exit\w*"),
    (r"arriv\w*", r"depart\w*|leav\w*|left"),
    (r"succe\w+", r"fail\w*"),
    (r"support\w*", r"oppos\w*"),
    (r"with", r"without"),
    (r"includ\w*", r"exclud\w*"),
    (r"major\w*", r"minor\w*"),
    (r"public\w*", r"privat\w*"),
    (r"positive\w*", r"negative\w*"),
    (r"strong\w*", r"weak\w*"),
    (r"rich\w*|wealth\w*", r"poor\w*|poverty"),
    (r"fast\w*|quick\w*", r"slow\w*"),
    (r"hot|warm\w*", r"cold\w*|cool\w*"),
    (r"domestic\w*", r"overseas|abroad|foreign\w*"),
    (r"maxim\w*", r"minim\w*"),
    (r"best", r"worst"),
    (r"same|similar\w*", r"differ\w*"),
    (r"possible", r"impossible"),
    (r"legal\w*", r"illegal\w*"),
    (r"birth\w*|born", r"death\w*|died|die"),
    (r"creat\w*|buil[dt]\w*", r"destro\w*"),
    (r"benefi\w*|advantage\w*", r"harm\w*|disadvantage\w*"),
    (r"common\w*", r"rare\w*|uncommon"),
    (r"simpl\w*|eas[iy]\w*", r"complex\w*|difficult\w*|hard"),
)
_KOREAN = (
    (r"전에|이전", r"후에|이후|뒤에|지나"),
    (r"최초|처음|첫", r"마지막|최후"),
    (r"증가|늘", r"감소|줄"),
    (r"많은|많이", r"적은|적게"),
    (r"높", r"낮"),
    (r"최대", r"최소"),
    (r"상승", r"하락"),
    (r"국내", r"해외|국외|외국"),
    (r"평일", r"주말|토요일|일요일"),
    (r"오전", r"오후"),
    (r"찬성", r"반대"),
    (r"성공", r"실패"),
    (r"승리|이긴", r"패배|패한"),
    (r"남성|남자", r"여성|여자"),
    (r"태어|출생", r"사망|죽"),
    (r"북쪽|북부", r"남쪽|남부"),
    (r"동쪽|동부", r"서쪽|서부"),
    (r"시작", r"종료|끝"),
    (r"허용", r"금지"),
    (r"무료", r"유료"),
)

Opposites = Sequence[tuple[re.Pattern[str], re.Pattern[str]]]


def _both_ways(pairs: Sequence[tuple[str, str]], form: str) -> Opposites:
    compiled = [(re.compile(form.format(one)), re.compile(form.format(other))) for one, other in pairs]
    return tuple(way for one, other in compiled for way in ((one, other), (other, one)))


_OPPOSITES: Mapping[str, Opposites] = {
    "en": _both_ways(_ENGLISH, r"\b(?:{})\b"),
    "ko": _both_ways(_KOREAN, r"(?:{})"),
}


@dataclass(frozen=True, slots=True)
class Sense:
    """A question as far as it can be contradicted: the opposites of what it names, each with what it names, and whether
    it denies."""

    code: str
    opposites: Opposites
    denies: bool

    @classmethod
    def of(cls, asked: str, code: str) -> Sense:
        """Of a question. Raises ``LanguageNotSpoken``."""
        if code not in _OPPOSITES:
            raise LanguageNotSpoken(f"nobody wrote down what is opposite to what in {code!r}")
        lowered = asked.lower()
        named = [(own, other) for own, other in _OPPOSITES[code] if own.search(lowered) and not other.search(lowered)]
        return cls(code, tuple(named), _denies(asked, code))

    def unopposed(self, sentence: str) -> float:
        """1 where ``sentence`` names no opposite instead of what is asked; the more it does, the less."""
        lowered = sentence.lower()
        opposed = sum(
            other.search(lowered) is not None and own.search(lowered) is None for own, other in self.opposites
        )
        return 1.0 / (1 + opposed)

    def denied_alike(self, sentence: str) -> float:
        """1 where both deny or neither does, else 0."""
        return float(_denies(sentence, self.code) == self.denies)


def _denies(text: str, code: str) -> bool:
    return Restriction.NEGATION in restriction_kinds(text, code)
