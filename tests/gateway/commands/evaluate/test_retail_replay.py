"""With a data set of one task; the real ones are replayed in ``tests/tau2``."""

import json
from pathlib import Path

import pytest

from gateway.commands.evaluate.errors import DataAbsent
from gateway.commands.evaluate.retail_replay import read_retail, replayed
from tests.gateway.commands.evaluate.test_retail_shop import DB

ACTIONS = [
    {"name": "find_user_id_by_email", "arguments": {"email": "ada@x.example"}},
    {"name": "calculate", "arguments": {"expression": "1 + 1"}},
    {"name": "cancel_pending_order", "arguments": {"order_id": "#W1", "reason": "no longer needed"}},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "tau2" / "retail"
    folder.mkdir(parents=True)
    order = {**DB["orders"]["#W1"], "order_id": "#W0000001"}
    (folder / "db.json").write_text(json.dumps({**DB, "orders": {"#W0000001": order}}), encoding="utf-8")
    task = {"id": "0", "evaluation_criteria": {"actions": json.loads(json.dumps(ACTIONS).replace("#W1", "#W0000001"))}}
    (folder / "tasks.json").write_text(json.dumps([task]), encoding="utf-8")
    return tmp_path


async def test_a_task_ends_as_the_same_changes_without_any_layer(data: Path) -> None:
    retail = read_retail(data)
    (task,) = retail.tasks
    assert [name for name, _ in retail.expected(task)] == ["find_user_id_by_email", "cancel_pending_order"]
    assert retail.expected_shop(task).db["orders"]["#W0000001"]["status"] == "cancelled"
    assert await replayed(retail, task) is None


async def test_a_task_that_the_layer_forbids_is_told(data: Path) -> None:
    retail = read_retail(data)
    task = {
        "id": "1",
        "evaluation_criteria": {"actions": [dict(ACTIONS[2], arguments={"order_id": "#W0000001", "reason": "a whim"})]},
    }
    complaint = await replayed(retail, task)
    assert complaint is not None
    assert "task 1" in complaint


def test_without_the_data_nothing_is_replayed(tmp_path: Path) -> None:
    with pytest.raises(DataAbsent):
        read_retail(tmp_path)
