import json
import urllib.error
import urllib.request

import pytest

from gateway.commands.evaluate.counted_service import Behaviour, CountedService, counting


def asked(service: CountedService, record: str, *, change: bool = True) -> dict[str, object]:
    url = f"{service.url}/records/{record}" + ("/change" if change else "")
    request = urllib.request.Request(url, b"{}" if change else None, method="POST" if change else "GET")
    with urllib.request.urlopen(request, timeout=0.5) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_every_request_counts_however_often_the_same_is_asked() -> None:
    with counting() as service:
        service.add("a", Behaviour.WELL)
        assert asked(service, "a", change=False) == {"record": "a", "state": "new"}
        assert asked(service, "a") == {"record": "a", "state": "changed"}
        asked(service, "a")
        assert service.effects == {"a": 2}


@pytest.mark.parametrize("behaviour", [one for one in Behaviour if one is not Behaviour.WELL])
def test_it_misbehaves_as_it_was_told_and_counts_what_it_did(behaviour: Behaviour) -> None:
    with counting() as service:
        service.add("a", behaviour)
        with pytest.raises((urllib.error.URLError, ConnectionError, ValueError, TimeoutError)):
            asked(service, "a")
        did = behaviour in {Behaviour.FAILS_AFTER, Behaviour.CUT_OFF, Behaviour.LOST, Behaviour.SLOW}
        assert service.effects["a"] == did
        assert asked(service, "a", change=False)["state"] == ("changed" if did else "new")


def test_what_it_does_not_know_is_not_there() -> None:
    with counting() as service, pytest.raises(urllib.error.HTTPError):
        asked(service, "b", change=False)
