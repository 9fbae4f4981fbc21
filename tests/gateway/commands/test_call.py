from __future__ import annotations

from typing import Any

import pytest

from gateway.commands.call import find_line
from gateway.commands.server import GatewayRefused


class Gateway:
    async def ask(self, method: str, path: str, **request: Any) -> Any:
        lines = [
            {"number": "+82", "alias": "ko-line", "language": "ko"},
            {"number": "+1", "alias": "en-line", "language": "en"},
        ]
        return [{"tenant": "shop", "lines": lines}]


@pytest.mark.parametrize(("to", "number"), [("ko-line", "+82"), ("+82", "+82"), (None, "+1")])
async def test_a_line_is_found_by_number_or_alias_or_it_is_the_first_english_one(to: str | None, number: str) -> None:
    tenant, line = await find_line(Gateway(), to)  # type: ignore[arg-type]
    assert (tenant, line["number"]) == ("shop", number)


async def test_a_wrong_line_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(GatewayRefused, match=r"no line \+49 here; there are: ko-line \(\+82\), en-line"):
        await find_line(Gateway(), "+49")  # type: ignore[arg-type]
