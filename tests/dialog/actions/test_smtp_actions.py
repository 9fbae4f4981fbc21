"""Messages by mail against a real mail server that also refuses, hangs, breaks off and is not there."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from dialog.actions import smtp_actions
from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Service, Succeeded, Unknown
from dialog.actions.codes import OneTimeCodes
from dialog.actions.smtp_actions import SmtpActions
from dialog.templates import Templates

KEY = "0f0e0d0c-0000-5000-8000-000000000000"
TEXTS = {
    "ko": Templates(
        "ko",
        {
            "mail.sender": ("한빛상점 <no-reply@shop.example>",),
            "mail.hello.subject": ("주문 {order} 안내",),
            "mail.hello.body": ("안녕하세요.\n.\n주문 {order}이(가) 취소되었습니다.",),
            "mail.code.subject": ("인증번호",),
            "mail.code.body": ("인증번호는 {code}입니다.",),
        },
    )
}
ARGUMENTS = {"to": "jiwoo@mail.example", "language": "ko", "order": "20261203"}


@dataclass
class Post:
    """What the mail server does: ``refuses`` at a line, waits before its last answer, or breaks off there."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipient_answer: str = "250 fine"
    data_answer: str = "250 taken"
    delay: float = 0.0
    breaks_off: bool = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        message = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        if self.breaks_off:
            server.transport.abort()
        return self.data_answer


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def url(post: Post) -> Iterator[str]:
    controller = Controller(post, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
async def port(url: str) -> AsyncIterator[SmtpActions]:
    actions = SmtpActions(TEXTS, OneTimeCodes(secret=b"key"), {"mails": url})
    yield actions
    await actions.close()


def sending(message: str = "hello", url: str = "smtp://nowhere.example", timeout: float = 3.0) -> Action:
    return Action("tell", Service("mails", url), "", message, Risk.REVERSIBLE, timeout, {}, {})


def kind(outcome: Outcome) -> FailureKind:
    assert isinstance(outcome, Failed), outcome
    return outcome.kind


async def test_the_approved_words_arrive_under_a_name_made_of_the_key(port: SmtpActions, post: Post) -> None:
    assert await port.perform(sending(), ARGUMENTS, key=KEY) == Succeeded({"sent": KEY})
    (message,) = post.messages
    assert message["Subject"] == "주문 20261203 안내"
    assert message["To"] == "jiwoo@mail.example"
    assert message["From"] == "한빛상점 <no-reply@shop.example>"
    assert message["Message-ID"] == f"<{KEY}@shop.example>"
    assert message.get_content().splitlines() == ["안녕하세요.", ".", "주문 20261203이 취소되었습니다."]


async def test_a_code_is_made_for_the_text_that_has_a_place_for_it(url: str, post: Post) -> None:
    codes = OneTimeCodes()
    port = SmtpActions(TEXTS, codes, {"mails": url})
    outcome = await port.perform(sending("code"), ARGUMENTS, key=KEY)
    await port.close()
    assert isinstance(outcome, Succeeded)
    code = "".join(filter(str.isdecimal, post.messages[0].get_content()))
    assert code not in str(outcome)
    assert codes.check(KEY, code) is None


@pytest.mark.parametrize(
    ("answer", "failure"), [("550 no such mailbox", FailureKind.REJECTED), ("451 later", FailureKind.UNAVAILABLE)]
)
async def test_a_refused_recipient_was_certainly_not_written_to(
    port: SmtpActions, post: Post, answer: str, failure: FailureKind
) -> None:
    post.recipient_answer = answer
    outcome = await port.perform(sending(), ARGUMENTS, key=KEY)
    assert kind(outcome) is failure
    assert "mailbox" not in str(outcome)
    assert post.messages == []


async def test_a_message_that_is_refused_was_not_sent(port: SmtpActions, post: Post) -> None:
    post.data_answer = "554 we do not like it"
    assert kind(await port.perform(sending(), ARGUMENTS, key=KEY)) is FailureKind.REJECTED


async def test_of_a_message_that_left_without_an_answer_nobody_knows(port: SmtpActions, post: Post) -> None:
    post.breaks_off = True
    assert isinstance(await port.perform(sending(), ARGUMENTS, key=KEY), Unknown)
    assert len(post.messages) == 1


async def test_of_a_message_that_is_not_answered_in_time_nobody_knows(port: SmtpActions, post: Post) -> None:
    post.delay = 0.6
    assert isinstance(await port.perform(sending(timeout=0.3), ARGUMENTS, key=KEY), Unknown)


async def test_a_server_that_is_down_has_taken_nothing() -> None:
    port = SmtpActions(TEXTS, OneTimeCodes())
    gone = sending(url=f"smtp://127.0.0.1:{_free_port()}")
    assert kind(await port.perform(gone, ARGUMENTS, key=KEY)) is FailureKind.UNAVAILABLE
    await port.close()


async def test_a_server_that_never_greets_has_taken_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = SmtpActions(TEXTS, OneTimeCodes())
        began = time.monotonic()
        outcome = await port.perform(
            sending(url=f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2), ARGUMENTS, key=KEY
        )
        assert kind(outcome) is FailureKind.TIMED_OUT
        assert time.monotonic() - began < 2
    await port.close()


async def test_what_was_given_up_before_it_departed_departs_no_more(post: Post) -> None:
    """The server is slow to say that it takes the recipient; by then nobody waits any more."""
    asked, go_on = threading.Event(), threading.Event()

    class Slow(Post):
        async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802
            asked.set()
            await asyncio.to_thread(go_on.wait, 5)
            return await super().handle_RCPT(*arguments)

    slow = Slow()
    controller = Controller(slow, hostname="127.0.0.1", port=_free_port())
    controller.start()
    port = SmtpActions(TEXTS, OneTimeCodes())
    delivery = smtp_actions.Delivery(
        smtp_actions.urlsplit(f"smtp://127.0.0.1:{controller.port}"), port._written(sending(), ARGUMENTS, KEY), 5.0
    )
    running = asyncio.create_task(asyncio.to_thread(delivery.run))
    await asyncio.to_thread(asked.wait, 5)
    assert kind(delivery.give_up(1.0)) is FailureKind.TIMED_OUT
    go_on.set()
    assert isinstance(await running, Failed)
    assert slow.messages == []
    controller.stop()
    await port.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "jiwoo@mail.example\r\nBcc: all@mail.example"},
        {"to": "nobody"},
        {"to": ""},
        {"to": "지우@mail.example"},
        {"language": "fr"},
        {"order": None},
    ],
)
async def test_what_cannot_be_written_is_not_sent(port: SmtpActions, post: Post, wrong: dict[str, object]) -> None:
    assert kind(await port.perform(sending(), {**ARGUMENTS, **wrong}, key=KEY)) is FailureKind.INVALID
    assert post.messages == []


async def test_a_password_is_not_sent_over_an_open_line(url: str, post: Post) -> None:
    port = SmtpActions(TEXTS, OneTimeCodes(), {"mails": url.replace("//", "//shop:secret@")})
    outcome = await port.perform(sending(), ARGUMENTS, key=KEY)
    await port.close()
    assert kind(outcome) is FailureKind.UNAVAILABLE
    assert "secret" not in str(outcome)
    assert post.messages == []


async def test_too_much_at_once_is_refused_at_once(port: SmtpActions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_actions, "AT_ONCE", 0)
    assert kind(await port.perform(sending(), ARGUMENTS, key=KEY)) is FailureKind.UNAVAILABLE


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
