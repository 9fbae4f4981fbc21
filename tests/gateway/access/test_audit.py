from __future__ import annotations

import re

from gateway.access import audit


def test_deeds_are_named_as_the_table_wants_them() -> None:
    deeds = [value for name, value in vars(audit).items() if name.isupper() and name != "COMMAND_LINE"]
    assert len(set(deeds)) == len(deeds) > 5
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", deed) for deed in deeds)
