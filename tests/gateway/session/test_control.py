import pytest

from gateway.session.control import Control, Grip, Owner
from gateway.session.errors import StaleGrip


def test_a_call_begins_with_the_bot_and_what_it_decides_holds():
    control = Control()
    assert control.grip == Grip(Owner.BOT, "", 1)
    assert control.holds(control.grip)


def test_what_was_decided_before_a_change_of_hands_holds_no_longer_also_when_the_bot_has_it_again():
    control = Control()
    before = control.grip
    control.pass_to(Owner.AGENT, "kim")
    assert not control.holds(before)
    back = control.pass_to(Owner.BOT)
    assert (back.owner, back.epoch) == (before.owner, 3)
    assert not control.holds(before)
    assert control.holds(back)


def test_whoever_has_not_seen_the_last_change_is_refused_and_nothing_changes():
    control = Control()
    control.pass_to(Owner.AGENT, "kim", seen=1)
    with pytest.raises(StaleGrip, match="epoch 2, not 1"):
        control.pass_to(Owner.SUPERVISOR, "lee", seen=1)
    assert control.grip == Grip(Owner.AGENT, "kim", 2)


def test_whoever_has_it_already_keeps_it_in_the_same_epoch_and_another_person_does_not():
    control = Control()
    grip = control.pass_to(Owner.AGENT, "kim")
    assert control.pass_to(Owner.AGENT, "kim") == grip
    assert control.pass_to(Owner.AGENT, "park").epoch == grip.epoch + 1
