from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gateway.commands.doctor import doctor


async def findings(tmp_path: Path) -> tuple[bool, str]:
    out = io.StringIO()
    good = await doctor(tmp_path, Console(file=out, width=220, color_system=None))
    return good, out.getvalue()


async def test_it_says_which_engines_are_active_and_what_nobody_hears(tmp_path: Path) -> None:
    good, text = await findings(tmp_path)
    assert good
    assert "gateway: not running" in text
    [row] = [line for line in text.splitlines() if line.split()[:2] == ["hearing", "pocketsphinx"]]
    assert row.split()[2] == "en"
    assert "Nobody hears ko" in text
    assert "AICC_STT_MODEL=small" in text


async def test_with_a_model_both_languages_are_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICC_STT_MODEL", "small")
    good, text = await findings(tmp_path)
    assert good
    assert "Nobody hears" not in text


async def test_the_language_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, without = await findings(tmp_path)
    assert "AICC_LLM_ENGINE names none" in without
    monkeypatch.setenv("AICC_LLM_ENGINE", "openai")
    monkeypatch.setenv("AICC_LLM_MODEL", "small-ko")
    _, text = await findings(tmp_path)
    [row] = [line for line in text.splitlines() if line.split()[:1] == ["words"]]
    assert "openai:small-ko at http://127.0.0.1:8000/v1" in row


async def test_it_says_where_calls_by_sip_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, without = await findings(tmp_path)
    assert "AICC_SIP_UDP=127.0.0.1:5060 switches it on" in without or "aicc[sip]" in without
    monkeypatch.setenv("AICC_SIP_UDP", "10.0.0.5:5060")
    monkeypatch.setenv("AICC_SIP_WORKERS", "2")
    _, text = await findings(tmp_path)
    assert "udp 10.0.0.5:5060, udp 10.0.0.5:5062" in text
