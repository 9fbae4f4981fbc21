from __future__ import annotations

import hashlib
import json

from dialog.actions.action import propose
from dialog.actions.digests import MARK, Digests
from tests.dialog.shop import CANCEL, wanted

OURS, THEIRS = Digests(b"k" * 32), Digests(b"t" * 32)


def plain(action: str, arguments: dict[str, object]) -> str:
    """As digests were before there was a key."""
    text = json.dumps({"action": action, "arguments": arguments}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_same_wish_has_the_same_digest_whatever_the_order_of_its_arguments() -> None:
    assert OURS.of("refund", {"a": 1, "b": "가"}) == OURS.of("refund", {"b": "가", "a": 1})
    digests = {OURS.of("refund", {"a": 1}), OURS.of("refund", {"a": 2}), OURS.of("cancel", {"a": 1})}
    assert len(digests) == 3
    assert all(digest.endswith(MARK) for digest in digests)


def test_whoever_tries_all_numbers_finds_nothing_without_the_key() -> None:
    """Neither in the digest nor in what follows from it."""
    proposal = propose(CANCEL, {"order": "1001"}, call_id="c", turn=3, digests=OURS)
    tried = [propose(CANCEL, {"order": str(order)}, call_id="c", turn=3, digests=THEIRS) for order in range(990, 1010)]
    guesses = {plain(CANCEL.id, {"order": str(order)}) for order in range(990, 1010)}
    assert proposal.digest[:64] not in guesses
    for made in tried:
        assert not {made.digest, made.id, made.key} & {proposal.digest, proposal.id, proposal.key}


def test_a_digest_from_before_becomes_the_one_that_is_made_now() -> None:
    proposal = wanted("1001")
    before = plain(proposal.action.id, dict(proposal.arguments))
    assert OURS.keyed(before) == OURS.of(proposal.action.id, proposal.arguments)
