"""One script said in the other language: Latin letters and loanwords in Hangul, Hangul in Latin letters. Pure.

A Korean voice must not stumble over "VIP", nor an English one over 한빛. Words that are in no list stay as they are:
engines know more of them than we do.

Refuses: guessing how an unknown English word sounds in Korean.
"""

from __future__ import annotations

import re
from typing import Final

from tts.rules import table

HANGUL: Final = re.compile(r"[가-힣]+")

_NAMES: Final = table(
    """
    A=에이 B=비 C=씨 D=디 E=이 F=에프 G=지 H=에이치 I=아이 J=제이 K=케이 L=엘 M=엠 N=엔 O=오 P=피 Q=큐 R=알 S=에스
    T=티 U=유 V=브이 W=더블유 X=엑스 Y=와이 Z=제트
    """
)

LOANWORDS: Final = table(
    """
    account=어카운트 address=어드레스 agent=에이전트 alexa=알렉사 amazon=아마존 android=안드로이드 app=앱 apple=애플
    apps=앱 app-store=앱스토어 bank=뱅크 basic=베이직 best=베스트 beta=베타 black=블랙 blog=블로그 blue=블루
    bluetooth=블루투스 box=박스 brand=브랜드 bronze=브론즈 call=콜 care=케어 card=카드 cash=캐시 center=센터 chat=챗
    chatbot=챗봇 check=체크 chrome=크롬 class=클래스 click=클릭 club=클럽 co=씨오 code=코드 com=컴 coupon=쿠폰
    covid=코로나 credit=크레디트 customer=커스터머 day=데이 deal=딜 delivery=딜리버리 desk=데스크 diamond=다이아몬드
    digital=디지털 discount=디스카운트 download=다운로드 email=이메일 e-mail=이메일 error=에러 event=이벤트
    example=이그잼플 express=익스프레스 facebook=페이스북 family=패밀리 fax=팩스 file=파일 first=퍼스트 free=프리
    friday=프라이데이 galaxy=갤럭시 game=게임 gift=기프트 gold=골드 good=굿 google=구글 green=그린 guide=가이드
    hanbit=한빛 hello=헬로 help=헬프 home=홈 hotel=호텔 id=아이디 ikea=이케아 info=인포 instagram=인스타그램
    internet=인터넷 ipad=아이패드 iphone=아이폰 item=아이템 kakao=카카오 kakaotalk=카카오톡 korea=코리아 large=라지
    lg=엘지 light=라이트 line=라인 link=링크 list=리스트 live=라이브 login=로그인 logout=로그아웃 lounge=라운지
    mail=메일 mall=몰 manager=매니저 market=마켓 mastercard=마스터카드 max=맥스 medium=미디엄 mega=메가 member=멤버
    membership=멤버십 memo=메모 menu=메뉴 message=메시지 mini=미니 mobile=모바일 money=머니 nasa=나사 naver=네이버
    net=넷 new=뉴 news=뉴스 no=넘버 note=노트 off=오프 office=오피스 ok=오케이 okay=오케이 on=온 one=원
    online=온라인 open=오픈 option=옵션 or=오어 org=오알지 order=오더 pack=팩 package=패키지 page=페이지
    paper=페이퍼 pass=패스 partner=파트너 partners=파트너스 password=패스워드 pay=페이 payco=페이코 paypal=페이팔
    pc=피씨 phone=폰 pin=핀 plan=플랜 platinum=플래티넘 play=플레이 plus=플러스 point=포인트 pop-up=팝업
    premium=프리미엄 prime=프라임 privacy=프라이버시 pro=프로 qr=큐알 queue=큐 receipt=리시트 red=레드 refund=리펀드
    reset=리셋 return=리턴 review=리뷰 royal=로열 safari=사파리 sale=세일 samsung=삼성 save=세이브 season=시즌
    server=서버 service=서비스 set=세트 shop=샵 shopping=쇼핑 silver=실버 sim=심 simple=심플 site=사이트 size=사이즈
    small=스몰 smart=스마트 sold-out=솔드아웃 sorry=쏘리 special=스페셜 standard=스탠더드 star=스타 start=스타트
    stop=스톱 store=스토어 style=스타일 subscribe=서브스크라이브 support=서포트 system=시스템 tablet=태블릿 talk=톡
    team=팀 test=테스트 thank=땡큐 ticket=티켓 time=타임 tip=팁 today=투데이 toss=토스 total=토털 tracking=트래킹
    transfer=트랜스퍼 twitter=트위터 type=타입 ultra=울트라 update=업데이트 upgrade=업그레이드 url=유알엘 usim=유심
    vat=부가세 version=버전 video=비디오 visa=비자 voice=보이스 voucher=바우처 vs=대 watch=워치 web=웹 welcome=웰컴
    white=화이트 wi-fi=와이파이 wifi=와이파이 windows=윈도우 wow=와우 www=더블유더블유더블유 yes=예스 youtube=유튜브
    zoom=줌
    """
)

_HEADS: Final = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")
_VOWELS: Final = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
_TAILS: Final = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")


def in_hangul(letters: str) -> str:
    """Latin letters by their Korean names, run together: VIP -> 브이아이피. Other characters are left out."""
    return "".join(_NAMES.get(letter, "") for letter in letters.upper())


def loanword(word: str) -> str | None:
    """How Koreans say a common English word, or None."""
    return LOANWORDS.get(word.lower())


def spelled(letters: str) -> str:
    """Latin letters one by one for an English voice: vip -> V I P."""
    return " ".join(letters.upper())


def romanized(hangul: str) -> str:
    """Hangul in Latin letters by the sounds of its syllables (Revised Romanization, without assimilation)."""
    said = []
    for syllable in hangul:
        head, rest = divmod(ord(syllable) - 0xAC00, 588)
        vowel, tail = divmod(rest, 28)
        said.append(_HEADS[head] + _VOWELS[vowel] + _TAILS[tail])
    return "".join(said)
