"""The words by which callers call numbers, by what they make of one: the vocabulary of ``cues``. Pure.

Refuses: deciding which of them a number belongs to.
"""

from __future__ import annotations

from dialog.privacy.written import DOUBTFUL

DIGIT = rf"[\d{DOUBTFUL}]"
"""A digit in a written text, one that may be a particle as well."""
_ANYBODYS = (
    r"(?:제|내|이|그|저|본인|원래|전체|우리|새|옛날?|예전|앞|뒷|뒤|앞쪽|뒤쪽|맞는|다른|고객|아내|남편|엄마|아빠|미국|한국|해외"
    r"|어머니|아버지|아들|딸)"
)
"""What stands before 번호 in words for a number of any kind."""
_PEOPLE = "가게 매장 회사 직장 친구 동생 사장 점장 기사 직원 사무실 담당자"
_NOBODYS = r"(?<![는은던한된인려님분씨집])" + "".join(f"(?<!{whose})" for whose in _PEOPLE.split())
"""No word that says whose a number is, or which of them, ends here."""
_PERSONAL = "".join(f"(?<!{kind})" for kind in "전화 폰 카드 계좌 통장".split())
_ANY_NUMBER = (
    r"my|his|her|our|their|the|this|that|your|an?|new|old|whole|full|right|correct|wrong|same|other|long|entire"
    r"|current|actual|real|good|first|second|third|next|last|and|or|is|was|to|on|no|id|tax|one|which|what|korean"
    r"|american|british|foreign|international|area|country"
    r"|dial(?:ing)?|ss|jumin|private|personal|emergency|dash|zero|oh|of|in|for|from|by|with|digi",
)
"""What may be called so is a number of any kind."""
CUES = {
    "code": (
        r"[씨시]\s?[브비]이?\s?[씨시브](?:이)?|보안\s*(?:코드|번호)|카드\s*인증\s*번호|카드\s*비밀번호",
        r"유효(?:\s*(?:기간|기한)|(?=[은는]?[\s:,]*\d))|만료\s*(?:일|월|연월|기간)?",
        r"뒷면[에의]?\s*(?:있는\s*)?(?:숫자\s*)?(?:[세34]\s*자리)?|(?<![가-힣])세\s?자리",
        r"(?<![가-힣])기[간한](?=[은이]|\s*\d)|만기(?=[는가])",
        r"\bcvc|\bcvv2?|\bc\s+v\s+[vc]\b|security\s+(?:code|number|digits)|card\s+pin"
        r"|expir(?:y|ation|es?|ing)(?:\s+date)?(?:\s+(?:on|of)\s+(?:my|the|this)\s+\w+)?|\bexp\b",
        r"\bvalid(?=[\s:,]*\d)|\bvalid\s+(?:thru|through|until|till)|\bgood\s+(?:thru|through|till|until)"
        r"|\b(?:digits?|numbers)\s+(?:on|at)\s+the\s+(?:back|front)(?:\s+of\s+(?:my|the|this)\s+\w+)?"
        r"|(?<=3 )digits?(?=\s+(?:is|are)\b|[\s:,]+(?:\d\W?){2}\d(?!\W?\d))",
        r"(?<=3[ -])digit\s+(?:code|number)"
        r"|\bback\s+of\s+(?:the|my|this)\s+card(?=\W+(?:(?:says|is|reads|has)\W+)?(?:\d\W?){2}\d(?!\W{0,2}\d))"
        r"|\bcid\b|\bcsc\b|\bverification\s+number(?:\s+(?:on|of)\s+(?:the|my)\s+card)?"
        r"|\bcard\s+verification(?:\s+(?:number|code|value))?"
        r"|\bcode\s+on\s+(?:the|my)\s+(?:back|card|front)|\bdate\s+on\s+(?:the|my|this)\s+card|\bcode\b",
    ),
    "registration": (
        r"주민\s*(?:등록)?\s*(?:번호|증|등록)|\bgreen\s+card(?:\s+number)?|주민\s?번|주민(?=[\s,]*\d)|민증|외국인\s*(?:등록)?\s*번호"
        r"|외국인\s*등록|등록번호",
        r"거소\s*(?:신고)?\s*(?:번호|증)?|(?<![가-힣])등록증(?:\s*번호)?|신분증\s*번호|(?:에일리언|외국인)\s*카드"
        r"|소셜(?:\s*시큐리티)?(?:\s*(?:번호|넘버)|(?=[은는이가]?\s*\d))|사회\s*보장\s*번호",
        r"resident\s+(?:registration\s+)?(?:number|no)|residence\s+(?:card|permit)"
        r"|alien\s+(?:(?:registration\s+)?(?:card|number|no)\b|registration)",
        r"foreign(?:er)?(?:['’]?s)?\s+(?:registration(?:\s+card)?|card|number|id)|national\s+id|korean\s+id",
        r"registration\s+(?:number|card)|\brrn\b|\barc\b|social\s+security(?:\s+card)?(?!\s+(?:office|admin|benefit|check|payment|income|disab))|\bsoc\b|\bssn\b|\bs\s+s\s+n\b"
        r"|\bsocial\b(?!\s+(?:security|media|work|service|distanc))(?:\s+(?:card|sec\b(?:\s+number)?))?|\bitin\b|taxpayer\s+id(?:entification)?",
    ),
    "passport": (r"(?:여권|패스포트)(?:\s*번호)?", r"passport(?:'?s)?(?:\s+(?:number|no))?"),
    "driving_licence": (
        r"면허(?:증|\s*번호)?|운전\s*면허",
        r"\b(?:driver'?s?\s+|driving\s+)?licen[cs]e(?:\s+number)?(?!\s+(?:plate|key|agreement|fee))"
        r"|\bdl\b(?:\s+number)?",
    ),
    "other": (
        r"주문\s*(?:번호)?|송장\s*(?:번호)?|운송장\s*(?:번호)?|접수\s*번호|예약\s*번호|상품\s*(?:번호|코드)?|품번|견적",
        r"모델\s*(?:명|번호)?|배송\s*(?:번호|조회)|문의\s*번호|사건\s*번호|고객\s*번호|회원\s*번호|우편\s*번호|일련\s*번호",
        r"사업자\s*(?:등록)?\s*(?:번호)?|시리얼|쿠폰|포인트|바코드|영수증|승인\s*번호|청구서|계약서?\s*번호|소포|(?:택배|통운)(?=[\s:,]+[1-9]\d)|기프티콘|상품권|보험\s*증권|증권\s*번호",
        r"(?<![가-힣])코드|[상제은]품\s*코드|대기\s*번호|대표\s*번호|고객\s*센터|인증\s*번호|등기|법인\s*(?:등록\s*)?번호",
        r"검침|지침|계량기|미터기|항공편|편명|신청\s*번호|로또|복권|티켓|수험표|군번|조회\s?수|해상도"
        r"|주행\s?거리|사용량|내선|교환(?=\s*\d)|와이파이|비밀\s*번호|(?<![가-힣])비번|문의\s*내역",
        r"관리\s*번호|차량\s*번호|차대\s*번호|마일리지|세금계산서|생년\s*월일|생일",
        r"\border(?:s|\s+(?:number|no|id))?\b|tracking|waybill|shipment|parcel|package|invoice|confirmation|booking",
        r"reservation|reference|\bticket|\bcase\b|\bserial|\bmodel\b|\bitem\b|\bproduct\b|\bsku\b|\bbarcode",
        r"\bcoupon|\bvoucher|\bmember(?:ship)?\b(?!\s+since)|customer\s+(?:number|id)|\bclaim|\breturn\s+auth\w*|\brma\b|\bpolicy|\bzip\b|\bpoints?\b",
        r"\bmeter\b|\breading\s+is\b|verification\s+code|passcode|\bflight\b|\bgate\b(?=\W+(?:(?:number|no|is|was)\W+)*[a-z]?\s?\d{1,3}(?!\W?\d))|\bseat\b|extension"
        r"|\bext\b|prescription|\blocker\b|\btransaction|\bdocket|(?<!residence )permit\b|\bpass\s?word"
        r"|\bwi-?fi\b|\bfrequent\s+flyer|\bloyalty\b",
        r"\brx\b|\bbatch\b|\bbill\s+number|\bpromo|tax\s+year|\brow\b|\bdob\b|\bbirth",
        r"\blotto\b|\blottery|\bpower\s?ball|\b(?:one|1)[\s-]time\s+(?:code|pass\w+)"
        r"|\botp\b|\bcalled\s+at\b|\b(?:opens?|closes?|arrives?|departs?|leaves?)\s+at\b",
        r"\b(?:fed\s?ex|ups|usps|dhl)\b(?=\W+(?:(?:says|is|shows|number|no|label)\W+){0,2}\d)",
        r"\breceipt|\bquote|\bamount\b|\bwarranty"
        r"|(?<!the )\blot(?=\s+\d)|\bodometer|\bresolution\b|\bupc\b|\bisbn\b|\bimei\b|\btotal\b|\bprice|\bgift\s+card",
    ),
    "thing": (
        r"버전|펌웨어|에러|오류|\berror\b|타이어|사이즈|\btires?\b|\bsize\b|\bversion\b|\bfirmware\b",
        r"혈압|맥박|체온|혈당|심박수?|산소\s?포화도|콜레스테롤|몸무게|blood\s+(?:pressure|sugar)|\bpulse\b|\bheart\s+rate"
        r"|\bcholesterol\b|\b[hl]dl\b",
    ),
    "account": (
        r"계좌|통장|예금주|입금|출금|송금|이체|적금|예금|환불[은을]|국민(?!\s*(?:카드|연금|건강|신문))|신한(?!\s*카드)",
        r"우리(?=\s+\d|요(?![가-힣])|이에요|예요|은행)|토스|농협|신협|수협|우체국|씨티|[가-힣]{2,5}증권(?!\s*번호)|미래에셋",
        r"라우팅\s*(?:번호|넘버)?|새마을금고|카카오뱅크|카뱅|케이뱅크|은행|뱅크|하나은행|기업은행|우리은행|아이반",
        r"(?<!on the )(?<!on my )(?<!on your )(?<!for the )\baccount(?!ing|ant)(?:\s+(?:number|no))?",
        r"\bmoney\s+(?:(?:went|goes|going|sent|transferred|moved|back)\s+)?(?:in|into|to)\b"
        r"|\bdeposit(?:s|ed)?\s+(?:(?:it|that|this|them|money)\s+)?(?:in|into|to)\b",
        r"\btransfer(?:s|red)?\s+(?:(?:it|money|[$\d,._]+(?:\s+(?:won|dollars?|bucks))?)\s+)?(?:in|into|to|from)\b"
        r"|\bpaid\s+into\b|\bach\b|\boverdraft(?:\s+fee)?|\bacct\b|\bchecking\b|\bsavings\b"
        r"|routing(?:\s+number)?|sort\s+code|\bsort(?=(?:\s+is)?[\s:,-]*\d)|\bbsb\b|\btransit\s+number"
        r"|\biban\b|\bbank\b",
        r"\bi\s+b\s+a\s+n\b|\baba\b|direct\s+deposit|\bwired?\b"
        r"|\b(?:woori|shinhan|kookmin|hana|nonghyup|saemaul(?:\s+geumgo)?|suhyup|shinhyup|k\s?bank|kakao|toss|ibk|chase|barclays|citi(?:bank)?|hsbc|pnc|usaa|lloyds"
        r"|natwest|monzo|revolut|santander|westpac)\b(?!\s+card)",
        r"\b(?:kb|nh)(?=(?:\s+bank)?(?:\s+account)?[\s:,]+\d)|\bwells\s+fargo|\bcredit\s+union"
        r"|\b(?:of|on)\s+(?:the|my|a)\s+check\b|\bauto\s?(?:draft|pay)|\ba\s+b\s+a\b",
    ),
    "card": (
        r"(?:국민|신한|삼성|현대|롯데|하나|우리|농협|체크|신용)?\s?카드\s*(?:번호|넘버)?|비자|아멕스",
        r"\bcard(?:\s+number)?|\bvisa\b|master\s?card|\bamex\b|american\s+express|\bdiscover\b|\bjcb\b"
        r"|(?<!to )\bcredit\b(?!\s+(?:it|back|to|the|me)\b)|(?<!to )(?<!direct )\bdebit\b(?!\s+(?:it|from|the)\b)",
    ),
    "phone": (
        r"전화\s*(?:번호)?|휴대\s*(?:폰|전화)|핸드폰|핸폰|(?<![가-힣])폰(?=[은는이가]\s)|폰\s*번호|연락처|연락\s*(?:주|드|가능)",
        r"(?:집|회사)\s?(?:전화|번호)|\bphone(?:\s+number)?|\bcell(?:\s*phone)?(?:\s+number)?",
        r"\bmobile(?:\s+number)?|\bcall\s+(?:me|us)(?:\s+back)?|reach\s+(?:me|us|him|her)"
        r"|text\s+(?:me|us|him|her)|\b(?:text|call|dial|ring)(?=\s+\d)|\btelephone|\bcall\s*back",
        r"\b(?:home|work|contact|best|direct|daytime|office|fax)\s+number|\bfax\b|팩스|\bwhats\s?app\b|안심\s*번호",
    ),
    "part": (
        r"(?:앞|뒷|뒤)\s*(?:자리|부분)|(?:앞|뒷|뒤)에?\s*(?:여섯|일곱|[67])\s*자리|(?:앞|뒷)\s*번호|(?:앞|뒤)에\s*(?:거|것)",
    ),
    "number": (
        r"(?<![가-힣])제?\s?번호(?=[는가은이를요]|\s*\d)",
        r"\b(?:my|his|her|\w+['’]s)\s+number|\bthe\s+number(?:'s|\s+is)",
    ),
    "unknown": (
        rf"(?<![가-힣])(?!{_ANYBODYS}\s?번호)[가-힣]{{1,6}}{_PERSONAL}(?:{_NOBODYS}\s)?(?:번호|넘버|아이디)"
        rf"(?=[은는이가]?[\s:,.]*{DIGIT})"
        rf"|(?:(?<![가-힣])[학군교순]|(?<=\s4)|(?<=^4))번(?=[은이]?[\s:,.]*\d[\d-]{{4}})",
        rf"\b(?<!['’])(?!(?:{_ANY_NUMBER})\b)[a-z]+\s+(?:number|id|tag)(?=(?:\s+(?:is|was)|['’]s)?[\s:,.#]*{DIGIT})",
    ),
}
"""Patterns by what they make of a number: a kind's value, ``code`` (a card's, or its expiry), ``other`` (nobody's),
``thing`` (the same, of the number right behind alone), ``part`` (of what is named before), ``number`` (of what is named
before, else a telephone's), ``unknown`` (something that we do not know)."""
