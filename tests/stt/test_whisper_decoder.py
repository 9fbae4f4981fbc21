from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from stt.confidence import Calibration
from stt.decoding_queue import Urgency
from stt.partial_pace import PartialPace
from stt.silero import SileroModel
from stt.speech_meter import SpeechMeter
from stt.transcript import Transcript
from stt.whisper_decoder import Decoder, TurnTask
from stt.whisper_model import Hypothesis, Prompt, Sound
from stt.whisper_turn import Stretch, Turn
from stt.whisper_window import FULL, RATE, Samples, window_seconds
from tests.stt.scriptedwhisper import ScriptedModel, saying, token_words

VOICE = SileroModel()


class Caller:
    """Keeps what it is told; its turn is always spoken in ``language``."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.told: list[Transcript | None] = []
        self.detected: list[Mapping[str, float]] = []
        self.turn = Turn(0, "en", lambda offset: Stretch(offset, SpeechMeter(VOICE), PartialPace(0.6)))

    def vote(self, detected: Mapping[str, float]) -> str:
        self.detected.append(detected)
        return self.language

    def tell(self, task: TurnTask, transcript: Transcript | None) -> None:
        self.told.append(transcript)

    @property
    def texts(self) -> list[str]:
        return [one.text if one else "" for one in self.told]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(lambda seconds, prompt: "where is my order")


@pytest.fixture
def decoder(model: ScriptedModel, clock: Clock) -> Decoder:
    return Decoder(model, most=4, retry_below=-1.0, clock=clock)


def ask(
    decoder: Decoder,
    caller: Caller,
    urgency: Urgency = Urgency.FINAL,
    *,
    seconds: float = 2.0,
    speech: float = 1.5,
    candidates: tuple[str, ...] = ("en",),
    hints: tuple[str, ...] = (),
    whole: bool = False,
) -> TurnTask:
    task = TurnTask(
        owner=caller,
        urgency=urgency,
        window=window_seconds(seconds, 10.0),
        turn=caller.turn,
        stretch=caller.turn.stretch,
        samples=np.zeros(round(seconds * RATE), np.float32),
        speech=speech,
        spoken_until=seconds - 0.2,
        candidates=candidates,
        hints=hints,
        asked_at=decoder.clock(),
        whole=whole,
    )
    with decoder.changed:
        decoder.submit(task)
    return task


def test_without_work_nothing_is_done(decoder: Decoder, model: ScriptedModel) -> None:
    assert decoder.step() is False
    assert model.encoded == []


def test_finals_of_several_callers_are_decoded_together_before_partials(decoder: Decoder, model: ScriptedModel) -> None:
    early, callers = Caller(), [Caller() for _ in range(3)]
    ask(decoder, early, Urgency.PARTIAL)
    for caller in callers:
        ask(decoder, caller)
    assert decoder.step()
    assert [len(batch) for batch in model.decoded] == [3]
    assert [caller.texts for caller in callers] == [["where is my order"]] * 3
    assert early.told == []
    assert decoder.step()
    assert early.texts == ["where is my order"]
    assert not decoder.step()


def test_a_final_has_words_and_a_partial_has_none(decoder: Decoder) -> None:
    caller = Caller()
    ask(decoder, caller, Urgency.PARTIAL, seconds=1.0)
    decoder.step()
    ask(decoder, caller)
    decoder.step()
    partial, final = caller.told
    assert partial is not None and final is not None
    assert (partial.final, partial.words) == (False, ())
    assert final.final
    assert [word.text for word in final.words] == ["where", "is", "my", "order"]
    assert final.confidence == pytest.approx(0.8)
    assert not final.calibrated


@pytest.mark.parametrize(("together", "sizes"), [(True, [4, 1]), (False, [2, 2, 1])])
def test_a_final_waits_for_few_partials_where_a_batch_costs_the_sum_of_its_parts(
    model: ScriptedModel, together: bool, sizes: list[int]
) -> None:
    model.together = together
    decoder = Decoder(model, most=4, retry_below=-1.0)
    for _ in range(5):
        ask(decoder, Caller(), Urgency.PARTIAL)
    while decoder.step():
        pass
    assert [len(batch) for batch in model.decoded] == sizes


def test_the_wait_in_the_queue_is_measured(decoder: Decoder, clock: Clock) -> None:
    task = ask(decoder, Caller())
    clock.now += 0.3
    decoder.step()
    assert task.waited == pytest.approx(0.3)


def test_what_was_confirmed_begins_the_next_hypothesis_and_the_final(decoder: Decoder, model: ScriptedModel) -> None:
    caller = Caller()
    for _ in range(2):
        ask(decoder, caller, Urgency.PARTIAL, seconds=1.0)
        decoder.step()
    model.says = lambda seconds, prompt: "there it was my order please"
    ask(decoder, caller, seconds=3.0)
    decoder.step()
    assert [batch[0].prefix for batch in model.decoded] == [
        (),
        (),
        tuple(token for word in token_words("where is my order") for token in word.tokens),
    ]
    assert caller.texts[-1] == "where is my order order please"


def test_where_nobody_spoke_the_model_is_not_asked(decoder: Decoder, model: ScriptedModel) -> None:
    caller = Caller()
    ask(decoder, caller, speech=0.2)
    decoder.step()
    assert (caller.texts, model.encoded) == ([""], [])


def test_what_is_not_believed_is_not_told(decoder: Decoder, model: ScriptedModel) -> None:
    model.says = lambda seconds, prompt: saying("Thank you for watching.", no_speech=0.5)
    caller = Caller()
    ask(decoder, caller, Urgency.PARTIAL)
    decoder.step()
    ask(decoder, caller)
    decoder.step()
    assert caller.told[0] is None
    assert caller.texts[1] == ""


def test_when_nobody_spoke_since_the_last_partial_that_is_the_final(decoder: Decoder, model: ScriptedModel) -> None:
    caller = Caller()
    ask(decoder, caller, Urgency.PARTIAL, seconds=2.0)
    decoder.step()
    ask(decoder, caller, seconds=2.0)  # the same sound: spoken until 0.2 s before its end
    decoder.step()
    assert len(model.encoded) == len(model.decoded) == 1
    assert caller.texts == ["where is my order"] * 2
    ask(decoder, caller, seconds=2.5)  # somebody spoke in what was added
    decoder.step()
    assert len(model.encoded) == 2


# --- Doubt ---------------------------------------------------------------------------------------------------------


def in_the_full_window(narrow: Hypothesis, wide: Hypothesis) -> ScriptedModel:
    """Says one thing in a short window and another in the full one."""

    class TwoWindows(ScriptedModel):
        def decode(self, sounds: list[Sound], prompts: list[Prompt]) -> list[Hypothesis]:  # type: ignore[override]
            self.says = lambda seconds, prompt: wide if sounds[0].states[0] == FULL else narrow
            return super().decode(sounds, prompts)

    return TwoWindows(lambda seconds, prompt: "")


@pytest.mark.parametrize(
    ("narrow", "wide", "told"),
    [
        (saying("their hiss mire door", log=-1.4), saying("where is my order", log=-0.3), "where is my order"),
        (saying("where is my order", log=-1.1), saying("their hiss mire door", log=-1.9), "where is my order"),
        (saying("order " * 40, log=-0.1), saying("my order", log=-0.05), "my order"),
    ],
)
def test_a_doubtful_final_is_heard_again_in_the_full_window_without_hints(
    narrow: Hypothesis, wide: Hypothesis, told: str
) -> None:
    model = in_the_full_window(narrow, wide)
    decoder = Decoder(model, most=4, retry_below=-1.0)
    caller = Caller()
    ask(decoder, caller, hints=("Hanbit", "refund"))
    decoder.step()
    assert [window for _, window in model.encoded] == [10.0, FULL]
    assert [batch[0].hints for batch in model.decoded] == [("Hanbit", "refund"), ()]
    assert caller.texts == [told]


def test_the_others_of_a_batch_do_not_wait_for_the_doubtful_one() -> None:
    order: list[str] = []
    figures = {2.0: saying("mumble", log=-1.5), 3.0: saying("where is my order")}
    model = ScriptedModel(lambda seconds, prompt: figures[seconds])

    class Named(Caller):
        def tell(self, task: TurnTask, transcript: Transcript | None) -> None:
            assert transcript is not None
            order.append(transcript.text)

    decoder = Decoder(model, most=4, retry_below=-1.0)
    ask(decoder, Named(), seconds=2.0)
    ask(decoder, Named(), seconds=3.0)
    decoder.step()
    assert order == ["where is my order", "mumble"]


@pytest.mark.parametrize(
    ("hypothesis", "urgency", "retry_below"),
    [
        (saying("mumble", log=-1.5), Urgency.PARTIAL, -1.0),
        (saying("mumble", log=-1.5), Urgency.FINAL, -100.0),
        (saying("thank you", log=-1.5, no_speech=0.9), Urgency.FINAL, -1.0),
        (saying("where is my order"), Urgency.FINAL, -1.0),
    ],
)
def test_partials_silence_and_the_sure_are_heard_once(
    hypothesis: Hypothesis, urgency: Urgency, retry_below: float
) -> None:
    model = ScriptedModel(lambda seconds, prompt: hypothesis)
    decoder = Decoder(model, most=4, retry_below=retry_below)
    ask(decoder, Caller(), urgency)
    decoder.step()
    assert len(model.encoded) == 1


def test_to_be_unsure_that_nothing_follows_is_no_doubt(decoder: Decoder, model: ScriptedModel) -> None:
    caller = Caller()
    for _ in range(2):
        ask(decoder, caller, Urgency.PARTIAL, seconds=1.0)
        decoder.step()
    model.says = lambda seconds, prompt: saying("", log=-1.5)
    ask(decoder, caller, seconds=3.0)
    decoder.step()
    assert FULL not in [window for _, window in model.encoded]
    assert caller.texts[-1] == "where is my order"


# --- Languages -----------------------------------------------------------------------------------------------------


def test_the_language_is_looked_for_once_in_a_turn_of_a_second(decoder: Decoder, model: ScriptedModel) -> None:
    model.detected = {"ko": 0.995, "en": 0.005}
    caller = Caller(language="ko")
    ask(decoder, caller, Urgency.PARTIAL, seconds=1.0, speech=0.6, candidates=("en", "ko"))
    decoder.step()
    assert model.looked_for == 0
    for seconds in (2.0, 3.0):
        ask(decoder, caller, Urgency.PARTIAL, seconds=seconds, candidates=("en", "ko"))
        decoder.step()
    assert caller.detected == [model.detected]
    assert [batch[0].language for batch in model.decoded] == ["en", "ko", "ko"]
    assert caller.turn.language == "ko"


def test_with_one_language_nothing_is_looked_for(decoder: Decoder, model: ScriptedModel) -> None:
    ask(decoder, Caller())
    decoder.step()
    assert model.looked_for == 0


def test_a_partial_in_the_wrong_language_does_not_serve_as_the_final(decoder: Decoder, model: ScriptedModel) -> None:
    model.says = lambda seconds, prompt: {"en": "jumoon", "ko": "주문"}[prompt.language]
    caller = Caller(language="ko")
    ask(decoder, caller, Urgency.PARTIAL, speech=0.9, candidates=("en", "ko"))
    decoder.step()
    ask(decoder, caller, speech=1.1, candidates=("en", "ko"))
    decoder.step()
    assert caller.texts == ["jumoon", "주문"]
    assert caller.told[-1] is not None and caller.told[-1].language == "ko"


def test_callers_of_both_languages_are_decoded_together(decoder: Decoder, model: ScriptedModel) -> None:
    english, korean = Caller(), Caller()
    korean.turn.language = "ko"
    for caller in (english, korean):
        ask(decoder, caller)
    decoder.step()
    assert [[prompt.language for prompt in batch] for batch in model.decoded] == [["en", "ko"]]


# --- The rest ------------------------------------------------------------------------------------------------------


def test_a_stretch_that_is_whole_is_kept_and_not_told(decoder: Decoder, model: ScriptedModel) -> None:
    caller = Caller()
    ask(decoder, caller, whole=True)
    caller.turn.cut()
    model.says = lambda seconds, prompt: "please" if seconds < 2 else "where is my order"
    ask(decoder, caller, seconds=1.0, speech=0.5)
    while decoder.step():
        pass
    assert caller.told[0] is None
    assert caller.texts[1] == "where is my order please"


def test_confidences_follow_a_calibration(model: ScriptedModel) -> None:
    decoder = Decoder(model, most=1, retry_below=-1.0, calibration=Calibration((0.0, 1.0), (0.0, 0.5)))
    caller = Caller()
    ask(decoder, caller)
    decoder.step()
    assert caller.told[0] is not None
    assert caller.told[0].calibrated
    assert caller.told[0].confidence == pytest.approx(0.4)


def test_a_final_that_speech_overtook_is_heard_once_and_told_as_a_partial(model: ScriptedModel) -> None:
    def overtaken(seconds: float, prompt: Prompt) -> Hypothesis:
        task.withdrawn = True
        return saying("where is my", log=-1.5)

    model.says = overtaken
    decoder, caller = Decoder(model, most=1, retry_below=-1.0), Caller()
    task = ask(decoder, caller)
    decoder.step()
    assert len(model.encoded) == 1
    assert [(one.text, one.final) for one in caller.told if one] == [("where is my", False)]


def test_the_thread_does_what_is_asked_and_ends(decoder: Decoder) -> None:
    done = threading.Event()

    class Waiting(Caller):
        def tell(self, task: TurnTask, transcript: Transcript | None) -> None:
            super().tell(task, transcript)
            done.set()

    caller = Waiting()
    decoder.start()
    ask(decoder, caller)
    assert done.wait(10.0)
    decoder.close()
    assert caller.texts == ["where is my order"]
    assert not any(thread.name == "whisper-decoder" for thread in threading.enumerate())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_model_that_fails_ends_the_process(caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    class Broken(ScriptedModel):
        def encode(self, sounds: list[Samples], window: float) -> list[Sound]:  # type: ignore[override]
            raise RuntimeError("out of memory")

    decoder = Decoder(Broken(lambda seconds, prompt: ""), most=1, retry_below=-1.0)
    decoder.start(on_failure=failed.set)
    ask(decoder, Caller())
    assert failed.wait(10.0)
    decoder.close()
    assert "out of memory" in caplog.text
