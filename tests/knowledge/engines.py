"""The real model, loaded and converted once for all tests of a process that need it (torch takes seconds)."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from knowledge.embedder import ModelPlace, model_place
from knowledge.preparing import Preparing
from knowledge.settings import KnowledgeSettings


@cache
def state() -> Path:
    """A state directory that lives as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def preparing() -> Preparing:
    """A preparing process that stays."""
    made = Preparing(place())
    atexit.register(made.close)
    return made


@cache
def place() -> ModelPlace:
    """Where the default model is."""
    return model_place(KnowledgeSettings(), state())


def converted() -> ModelPlace:
    """The default model, ready to serve."""
    preparing().model()
    return place()
