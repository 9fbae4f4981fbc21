"""A language model inside its worker process, driven through CTranslate2.

Writing runs in a thread of its own per answer, so that the process goes on listening for the wish to stop; CTranslate2
works them off one after the other. What comes before the caller's words (the instructions) is the same in every
request: its state is computed once and kept.

Refuses: knowing prompts and turns; writing on when nobody reads any more.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from dialog.models.chat_template import ChatTemplate, read_template
from dialog.models.generator import (
    Author,
    End,
    Finish,
    GeneratorError,
    GeneratorRefused,
    GeneratorUnavailable,
    Message,
    Piece,
    Usage,
)

Emit: TypeAlias = Callable[[Piece | End | GeneratorError], None]

_HALF_A_CHARACTER: Final = "\ufffd"
_STATIC_PROMPTS: Final = 16
"""How many different instructions have their common beginning remembered."""
_SCORED_TOGETHER: Final = 8
"""Choices that go through the model at once: each repeats the prompt."""


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A model's folder and how it is to run: see ``dialog.settings.LanguageModelSettings``."""

    folder: Path
    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 2
    context: int = 4096


class CtranslateHost:
    """The model and its tokenizer. Built in the worker process."""

    def __init__(self, place: ModelPlace) -> None:
        """Raises ``GeneratorRefused`` when the folder holds no model that loads."""
        import ctranslate2
        import tokenizers

        folder = place.folder
        try:
            self.tokenizer = tokenizers.Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
            self.model: Any = ctranslate2.Generator(
                str(folder), device=place.device, compute_type=place.compute_type, intra_threads=place.threads
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise GeneratorRefused(
                f"the language model in {folder} does not load ({error}); give a folder made by "
                "ct2-transformers-converter, with the model's tokenizer.json and tokenizer_config.json"
            ) from error
        control = [token.content for token in self.tokenizer.get_added_tokens_decoder().values() if token.special]
        self._template = read_template(folder, control)
        self._context = place.context
        self.ends = _end_tokens(folder, self._template, self.tokenizer.token_to_id)
        self._static = lru_cache(_STATIC_PROMPTS)(self._common_beginning)

    def open_session(self, emit: Emit) -> Writing:
        """One answer to be written."""
        return Writing(self, emit)

    def prompt(self, messages: Sequence[Message], room: int) -> tuple[list[str], list[str]]:
        """The tokens of a prompt: those that it shares with all prompts of the same instructions, and its own.

        Raises ``GeneratorRefused`` when ``room`` tokens do not fit after it.
        """
        tokens = self._tokens(self._template.render(messages))
        if len(tokens) + room > self._context:
            raise GeneratorRefused(
                f"a prompt of {len(tokens)} tokens with an answer of {room} is over the limit of {self._context}; give "
                "it less, or raise AICC_LLM_CONTEXT if the model has room"
            )
        shared = self._static(messages[0]) if messages and messages[0].author is Author.SYSTEM else 0
        return tokens[:shared], tokens[shared:]

    def score(self, messages: Sequence[Message], choices: Sequence[str]) -> tuple[tuple[float, ...], Usage]:
        """How probable each choice is as the whole answer; the probabilities sum to 1. Raises ``GeneratorRefused``."""
        answers = [self._tokens(choice) for choice in choices]
        static, own = self.prompt(messages, max(map(len, answers)) + 1)
        if all(len(answer) == 1 for answer in answers):
            return self._score_labels(static, own, [answer[0] for answer in answers])
        return self._score_texts([*static, *own], [[*answer, *self._end()] for answer in answers])

    def _score_labels(
        self, static: Sequence[str], own: Sequence[str], labels: Sequence[str]
    ) -> tuple[tuple[float, ...], Usage]:
        """Choices of one token each: a single step tells all of them, from the kept state of the instructions."""
        (result,) = self.model.generate_batch(
            [list(own)],
            static_prompt=list(static) or None,
            max_length=1,
            include_prompt_in_result=False,
            return_logits_vocab=True,
        )
        logits = np.asarray(result.logits[0]).reshape(-1)
        logs = [float(logits[self.tokenizer.token_to_id(label)]) for label in labels]
        return _shares(logs), Usage(len(static) + len(own), 1)

    def _score_texts(self, prompt: Sequence[str], answers: Sequence[Sequence[str]]) -> tuple[tuple[float, ...], Usage]:
        """Choices of any length: each goes through the model with the whole prompt."""
        results = self.model.score_batch(
            [[*prompt, *answer] for answer in answers], max_batch_size=_SCORED_TOGETHER, max_input_length=0
        )
        # A result has the log probability of each token but the first.
        logs = [math.fsum(result.log_probs[len(prompt) - 1 :]) for result in results]
        return _shares(logs), Usage(len(prompt) * len(answers), sum(map(len, answers)))

    def _tokens(self, text: str) -> list[str]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).tokens)

    def _end(self) -> list[str]:
        return [str(self.tokenizer.id_to_token(self.ends[0]))] if self.ends else []

    def _common_beginning(self, system: Message) -> int:
        """How many tokens prompts with these instructions share, whatever the user says."""
        probes = [self._template.render([system, Message(Author.USER, text)]) for text in ("1", "가")]
        one, other = map(self._tokens, probes)
        return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)


class Writing:
    """One answer under way: it emits ``Piece``s, then an ``End`` or an error. Closing it stops the model."""

    def __init__(self, host: CtranslateHost, emit: Emit) -> None:
        self._host = host
        self._emit = emit
        self._stopped = threading.Event()

    def write(self, messages: Sequence[Message], tokens: int, seconds: float) -> None:
        """Begin to write up to ``tokens`` tokens, for up to ``seconds``."""
        limit = time.monotonic() + seconds
        work = threading.Thread(target=self._write, args=(messages, tokens, limit), daemon=True, name="writing")
        work.start()

    def close(self) -> None:
        """Stop at the next token."""
        self._stopped.set()

    def _write(self, messages: Sequence[Message], tokens: int, limit: float) -> None:
        written: list[int] = []
        text = _Text(self._host.tokenizer)

        def step(result: Any) -> bool:
            if result.token_id not in self._host.ends:
                written.append(result.token_id)
                if piece := text.grow(written):
                    self._emit(Piece(piece))
            return self._stopped.is_set() or time.monotonic() > limit

        try:
            static, own = self._host.prompt(messages, tokens)
            self._host.model.generate_batch(
                [own],
                static_prompt=static or None,
                max_length=tokens,
                include_prompt_in_result=False,
                end_token=list(self._host.ends) or None,
                callback=step,
            )
        except GeneratorError as error:
            self._emit(error)
            return
        except (RuntimeError, ValueError) as error:
            self._emit(GeneratorUnavailable(f"the language model failed: {error}"))
            return
        if rest := text.rest(written):
            self._emit(Piece(rest))
        finish = Finish.TOO_LONG if len(written) >= tokens or time.monotonic() > limit else Finish.COMPLETE
        self._emit(End(finish, Usage(len(static) + len(own), len(written))))


class _Text:
    """Text that grows with its tokens; a character whose bytes are not all there yet is held back."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._given = 0

    def grow(self, tokens: Sequence[int]) -> str:
        """What the tokens so far add to what was given."""
        text = self.rest(tokens, keep=False)
        if text.endswith(_HALF_A_CHARACTER):
            return ""
        self._given += len(text)
        return text

    def rest(self, tokens: Sequence[int], *, keep: bool = True) -> str:
        """Everything that was not given yet, half characters left out."""
        text = str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))[self._given :]
        return text.rstrip(_HALF_A_CHARACTER) if keep else text


def _shares(logs: Sequence[float]) -> tuple[float, ...]:
    """Log probabilities up to a common factor as probabilities that sum to 1."""
    highest = max(logs)
    weights = [math.exp(log - highest) for log in logs]
    return tuple(weight / sum(weights) for weight in weights)


def _end_tokens(folder: Path, template: ChatTemplate, number: Callable[[str], int | None]) -> tuple[int, ...]:
    """The tokens that end an answer: the tokenizer's, then those of ``generation_config.json``."""
    named = number(template.named.get("eos_token", ""))
    ends = [] if named is None else [named]
    path = folder / "generation_config.json"
    if path.is_file():
        try:
            configured = json.loads(path.read_text(encoding="utf-8")).get("eos_token_id")
        except (OSError, ValueError) as error:
            raise GeneratorRefused(f"{path} cannot be read: {error}") from error
        ends += configured if isinstance(configured, list) else [configured] if isinstance(configured, int) else []
    return tuple(dict.fromkeys(ends))
