from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.audio import AudioFrame, Resampler, mulaw_decode, mulaw_encode, read_wav, silence
from stt.confidence import Calibration
from stt.errors import RecognizerUnavailable
from stt.language_vote import begin
from stt.silero import SileroModel
from stt.transcript import Transcript
from stt.whisper_decoder import Decoder
from stt.whisper_host import CALIBRATION, MOST_HINTS, WhisperHost, WhisperOptions, WhisperSession, read_calibration
from stt.whisper_model import Prompt
from stt.whisper_window import RATE
from stt.worker_stream import WorkerStream
from tests.stt.scriptedwhisper import ScriptedModel, saying
from tests.stt.tinywhisper import build_tiny_whisper

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
TEXT = "where is my order"
CHUNK = 3200
VOICE = SileroModel()
SPEECH, _RATE = read_wav(CALLS / "where-is-my-order.wav")
SECONDS = len(SPEECH) / 2 / RATE


def growing(seconds: float, prompt: Prompt) -> str:
    """Two words for each second of sound."""
    return " ".join(f"w{number}" for number in range(max(1, round(2 * seconds))))


@dataclass
class Room:
    """A decoder that works when it is told to, and what one caller's session says."""

    model: ScriptedModel = field(default_factory=lambda: ScriptedModel(growing))
    heard: list[Transcript] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.decoder = Decoder(self.model, most=8, retry_below=-1.0, clock=lambda: self.now)
        self.session = self.another(self.heard)

    def another(self, heard: list[Transcript], *languages: str) -> WhisperSession:
        options = WhisperOptions("scripted", "nowhere")
        return WhisperSession(heard.append, self.decoder, VOICE, options, begin("en", languages))

    def work(self) -> None:
        while self.decoder.step():
            pass

    def say(self, utterance: int, pcm: bytes = SPEECH, at: float = 0.0, *, work: bool = True) -> None:
        for start in range(0, len(pcm), CHUNK):
            self.session.hear(utterance, pcm[start : start + CHUNK], RATE, at + start / 2 / RATE)
            if work:
                self.work()

    @property
    def finals(self) -> list[tuple[int, str]]:
        return [(one.utterance, one.text) for one in self.heard if one.final]

    @property
    def partials(self) -> list[Transcript]:
        return [one for one in self.heard if not one.final]


@pytest.fixture
def room() -> Room:
    return Room()


# --- A turn --------------------------------------------------------------------------------------------------------


def test_partials_grow_while_somebody_speaks_and_the_final_covers_the_whole(room: Room) -> None:
    room.say(0, SPEECH * 3, at=7.0)
    assert len(room.partials) > 1
    assert any(partial.stable for partial in room.partials)
    room.session.end(0)
    room.work()
    ((number, text),) = room.finals
    assert (number, text) == (0, growing(room.model.encoded[-1][0][0], Prompt("en")))
    final = room.heard[-1]
    assert final.stable == len(text)
    assert [partial for partial in room.partials if not text.startswith(partial.text[: partial.stable])] == []
    assert final.words[0].start == pytest.approx(7.0)
    assert final.words[-1].end <= 7.0 + 3 * SECONDS + 0.1


def test_where_nobody_spoke_the_model_is_not_even_asked(room: Room) -> None:
    room.say(0, silence(RATE, 2.0))
    room.session.end(0)
    room.session.end(1)
    room.work()
    assert room.model.encoded == []
    assert [(one.utterance, one.text, one.final, one.confidence) for one in room.heard] == [
        (0, "", True, 0.0),
        (1, "", True, 0.0),
    ]


def test_a_silence_that_the_model_makes_a_subtitle_of_is_empty(room: Room) -> None:
    room.model.says = lambda seconds, prompt: saying("Thank you for watching!", no_speech=0.5)
    room.say(0)
    room.session.end(0)
    room.work()
    assert (room.finals, room.partials) == ([(0, "")], [])


def test_a_turn_starts_with_nothing_of_the_one_before(room: Room) -> None:
    for number, at in enumerate((0.0, 100.0)):
        room.say(number, at=at)
        room.session.end(number)
        room.session.settle()
        room.work()
    finals = [one for one in room.heard if one.final]
    assert finals[0].text == finals[1].text
    assert [one.words[0].start for one in finals] == pytest.approx([0.0, 100.0])


def test_a_very_long_turn_is_heard_in_stretches_and_told_whole(room: Room) -> None:
    room.say(0, SPEECH * round(40 / SECONDS))
    room.session.end(0)
    room.work()
    ((_, text),) = room.finals
    assert max(seconds[0] for seconds, _ in room.model.encoded) <= 28.2
    assert text.count("w0") == 2, "the model began anew in the second stretch"
    told = [one.text[: one.stable] for one in room.partials]
    assert all(text.startswith(stable) for stable in told)
    words = room.heard[-1].words
    assert all(before.end <= after.start + 1e-6 for before, after in itertools.pairwise(words))


# --- Ends that are speculations ------------------------------------------------------------------------------------


def test_a_final_that_came_is_taken_the_place_of_by_the_one_that_covers_the_whole(room: Room) -> None:
    room.say(0)
    room.session.end(0)
    room.work()
    room.say(0, at=SECONDS)
    room.session.end(0)
    room.work()
    (first, early), (second, whole) = room.finals
    assert first == second == 0
    assert len(whole) > len(early) > 0


def test_when_speech_resumes_the_pending_final_comes_empty_and_costs_nothing(room: Room) -> None:
    room.say(0, work=False)
    room.session.end(0)
    room.say(0, at=SECONDS, work=False)
    assert room.finals == [(0, "")]
    room.session.end(0)
    room.work()
    assert room.finals == [(0, ""), (0, growing(2 * SECONDS, Prompt("en")))]
    assert [seconds for seconds, _ in room.model.encoded] == [(pytest.approx(2 * SECONDS),)]


def test_speech_that_resumes_while_the_final_is_made_withdraws_it(room: Room) -> None:
    def resume(seconds: float, prompt: Prompt) -> str:
        room.model.says = growing
        room.say(0, SPEECH[:CHUNK], at=SECONDS, work=False)
        return growing(seconds, prompt)

    room.model.says = resume
    room.say(0, work=False)
    room.session.end(0)
    room.decoder.step()
    assert [(one.utterance, one.text, one.final) for one in room.heard] == [
        (0, "", True),
        (0, growing(SECONDS, Prompt("en")), False),
    ]
    room.session.end(0)
    room.work()
    assert room.finals[1:] == [(0, growing(SECONDS + CHUNK / 2 / RATE, Prompt("en")))]


def test_settled_sound_is_not_gone_on_with_and_its_final_still_comes(room: Room) -> None:
    room.say(0, work=False)
    room.session.end(0)
    room.session.settle()
    room.say(1, at=9.0, work=False)
    room.session.end(1)
    room.work()
    alone = growing(SECONDS, Prompt("en"))
    assert room.finals == [(0, alone), (1, alone)]


def test_what_came_after_a_settled_end_begins_the_next_turn(room: Room) -> None:
    room.say(0)
    room.session.end(0)
    room.work()
    room.say(0, SPEECH[:CHUNK], at=50.0)
    room.session.settle()
    room.say(1, SPEECH[CHUNK:], at=50.0 + CHUNK / 2 / RATE)
    room.session.end(1)
    room.work()
    final = room.heard[-1]
    assert (final.utterance, final.text) == (1, growing(SECONDS, Prompt("en")))
    assert final.words[0].start == pytest.approx(50.0)


def test_settling_twice_or_without_a_turn_is_nothing(room: Room) -> None:
    room.session.settle()
    room.say(0)
    room.session.end(0)
    room.session.settle()
    room.session.settle()
    room.work()
    assert len(room.finals) == 1


def test_finals_come_in_the_order_of_their_ends(room: Room) -> None:
    room.say(0, SPEECH * 6, work=False)  # a larger window than the next one's
    room.session.end(0)
    room.session.settle()
    room.say(1, silence(RATE, 0.5), work=False)
    room.session.end(1)
    room.session.end(2)
    assert room.finals == []
    room.work()
    assert [number for number, _ in room.finals] == [0, 1, 2]


def test_no_partial_of_a_turn_comes_before_the_final_that_is_owed(room: Room) -> None:
    room.say(0, work=False)
    room.session.end(0)
    room.session.settle()
    room.say(1, work=False)
    room.work()
    numbers = [one.utterance for one in room.heard]
    assert numbers == sorted(numbers)


def test_what_a_partial_heard_out_is_the_final_at_once(room: Room) -> None:
    room.say(0, SPEECH + silence(RATE, 0.6))
    encoded = len(room.model.encoded)
    room.session.end(0)
    room.work()
    assert len(room.model.encoded) == encoded
    assert room.finals[0][1] == room.partials[-1].text


# --- Cost ----------------------------------------------------------------------------------------------------------


def test_a_model_that_falls_behind_hears_less_often(room: Room) -> None:
    quick = Room()
    for one, pause in ((quick, 0.0), (room, 1.0)):
        for start in range(0, len(SPEECH * 4), CHUNK):
            one.session.hear(0, (SPEECH * 4)[start : start + CHUNK], RATE, start / 2 / RATE)
            if one.decoder.queue:
                one.now += pause
            one.work()
    assert 0 < len(room.model.encoded) < len(quick.model.encoded) / 2
    assert room.partials[0].waited == 1.0


def test_callers_turns_are_decoded_together(room: Room) -> None:
    others: list[Transcript] = []
    room.say(0, work=False)
    room.session.end(0)
    first, room.session = room.session, room.another(others)
    room.say(0, work=False)
    room.session.end(0)
    room.work()
    assert [len(batch) for batch in room.model.decoded] == [2]
    assert [one.text for one in others] == [text for _, text in room.finals]
    first.close()


def test_after_closing_nothing_is_told(room: Room) -> None:
    room.say(0, work=False)
    room.session.end(0)
    room.session.close()
    room.work()
    assert room.heard == []
    assert room.model.encoded == []


def test_what_the_model_was_at_when_the_caller_left_is_not_told(room: Room) -> None:
    def leave(seconds: float, prompt: Prompt) -> str:
        room.session.close()
        return growing(seconds, prompt)

    room.model.says = leave
    room.say(0, work=False)
    room.session.end(0)
    room.work()
    assert room.model.decoded != []
    assert room.heard == []


# --- Hints and languages -------------------------------------------------------------------------------------------


def test_what_is_expected_is_told_to_the_decoder_until_something_else_is(room: Room) -> None:
    room.session.expect(("Hanbit  Store", " ", "refund", *map(str, range(100))))
    room.say(0, work=False)
    room.session.end(0)
    room.work()
    ((prompt,),) = room.model.decoded
    assert prompt.hints[:2] == ("Hanbit Store", "refund")
    assert len(prompt.hints) == MOST_HINTS
    room.session.expect(())
    room.session.settle()
    room.say(1, work=False)
    room.session.end(1)
    room.work()
    assert room.model.decoded[-1][0].hints == ()


def test_a_caller_changes_the_language_on_strong_evidence(room: Room) -> None:
    room.session = room.another(room.heard, "en", "ko")
    for number, share in enumerate((0.97, 0.97, 0.5)):
        room.model.detected = {"ko": share, "en": 1 - share, "ja": 0.9}
        room.say(number, SPEECH * 2)
        room.session.end(number)
        room.session.settle()
        room.work()
    assert [one.language for one in room.heard if one.final] == ["en", "ko", "ko"]
    windows = [window for _, window in room.model.encoded]
    assert windows[0] == 10.0
    assert windows[-1] == 15.0, "Korean has a larger window"


spoken = st.lists(st.sampled_from(["where", "is", "my", "order", "주문", "."]), min_size=1, max_size=8)


@settings(max_examples=30)
@given(st.lists(spoken, min_size=40, max_size=40), st.booleans())
def test_what_was_stable_is_in_every_later_transcript_of_the_turn(texts: list[list[str]], several: bool) -> None:
    room = Room(ScriptedModel(lambda seconds, prompt: " ".join(next(script)), {"en": 0.9, "ko": 0.1}))
    script = iter(texts)
    if several:
        room.session = room.another(room.heard, "en", "ko")
    room.say(0, SPEECH * 3)
    room.session.end(0)
    room.work()
    for index, one in enumerate(room.heard):
        for later in room.heard[index:]:
            assert later.text.startswith(one.text[: one.stable])
            assert later.stable >= one.stable


class Direct:
    """A lease on a session in this process."""

    def __init__(self, session: WhisperSession) -> None:
        self._session = session

    def cast(self, method: str, *args: Any) -> bool:
        getattr(self._session, method)(*args)
        return True


deeds = st.lists(st.sampled_from(["speak", "pause", "end", "settle", "work"]), max_size=30)


@settings(max_examples=60)
@given(deeds)
async def test_whatever_the_caller_does_each_end_has_one_final_in_order(doing: list[str]) -> None:
    room = Room()
    stream = WorkerStream(cast(Any, Direct(room.session)), "en", speculative=True)
    at, fed, ends = 0.0, False, 0
    for deed in [*doing, "end", "settle", "work"]:
        match deed:
            case "speak" | "pause":
                pcm = SPEECH[: RATE * 2] if deed == "speak" else silence(RATE, 0.3)
                stream.feed(AudioFrame(pcm, RATE, at))
                at, fed = at + len(pcm) / 2 / RATE, True
            case "end":
                stream.end_utterance()
                ends, fed = ends + fed, False
            case "settle":
                stream.settle()
            case _:
                room.work()
    numbers = [number for number, _ in room.finals]
    assert len(numbers) == ends
    assert numbers == sorted(numbers)
    assert [one.utterance for one in room.heard] == sorted(one.utterance for one in room.heard)
    assert all(one.final or one.text for one in room.heard)


# --- The real model ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always says "where is my order", through the real conversion."""
    return build_tiny_whisper(tmp_path_factory.mktemp("tiny") / "model", tmp_path_factory.mktemp("original"))


@pytest.fixture
def host(tiny: Path) -> Iterator[WhisperHost]:
    host = WhisperHost(WhisperOptions(str(tiny), "nowhere"))
    yield host
    host.close()


def until_final(heard: list[Transcript], within: float = 30.0) -> Transcript:
    limit = time.monotonic() + within
    while not (heard and heard[-1].final) and time.monotonic() < limit:
        time.sleep(0.005)
    return heard[-1]


def test_a_host_hears_a_telephone_line_with_a_real_model(host: WhisperHost) -> None:
    heard: list[Transcript] = []
    session = host.open_session(heard.append, "en", ("en", "ko"))
    narrow = Resampler(RATE, 8000)
    line = mulaw_decode(mulaw_encode(narrow.process(SPEECH) + narrow.flush()))
    for start in range(0, len(line), 1600):
        session.hear(0, line[start : start + 1600], 8000, 50.0 + start / 2 / 8000)
    session.end(0)
    final = until_final(heard)
    assert final.text == TEXT
    assert [word.text for word in final.words] == TEXT.split()
    assert all(50.0 <= word.start < word.end <= 50.0 + len(line) / 2 / 8000 + 0.1 for word in final.words)
    assert (final.language, final.calibrated) == ("en", False)
    assert final.confidence == pytest.approx(1.0, abs=0.05)
    session.close()


def test_a_hint_that_leads_the_model_astray_is_dropped_when_it_is_unsure(host: WhisperHost) -> None:
    heard: list[Transcript] = []
    session = host.open_session(heard.append, "ko")
    session.expect(("refund",))  # moves the tiny model off its places: it mumbles
    session.hear(0, SPEECH, RATE, 0.0)
    session.end(0)
    assert until_final(heard).text == TEXT


def test_a_calibration_lies_beside_its_model(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None
    (tmp_path / CALIBRATION).write_text(json.dumps({"scores": [0.1, 0.9], "probabilities": [0.3, 0.8]}))
    assert read_calibration(tmp_path) == Calibration((0.1, 0.9), (0.3, 0.8))


@pytest.mark.parametrize("damaged", ["{", "[]", "{}", '{"scores": [1, 0], "probabilities": [0, 1]}'])
def test_a_damaged_calibration_is_refused(tmp_path: Path, damaged: str) -> None:
    (tmp_path / CALIBRATION).write_text(damaged)
    with pytest.raises(RecognizerUnavailable, match="fit it"):
        read_calibration(tmp_path)
