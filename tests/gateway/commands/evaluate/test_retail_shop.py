import copy

import pytest

from dialog.actions.action import Action, Risk, Service, Succeeded
from dialog.actions.http_actions import HttpActions
from gateway.commands.evaluate.retail_shop import Impossible, NotThere, RetailShop, serving

DB = {
    "products": {
        "p": {
            "product_id": "p",
            "name": "Lamp",
            "variants": {
                "1": {"item_id": "1", "options": {"color": "red"}, "available": True, "price": 10.0},
                "2": {"item_id": "2", "options": {"color": "blue"}, "available": True, "price": 12.5},
                "3": {"item_id": "3", "options": {"color": "grey"}, "available": False, "price": 9.0},
            },
        }
    },
    "users": {
        "ada": {
            "user_id": "ada",
            "name": {"first_name": "Ada", "last_name": "Byron"},
            "email": "ada@x.example",
            "address": {"zip": "10101"},
            "payment_methods": {
                "card": {"source": "credit_card", "id": "card"},
                "gift": {"source": "gift_card", "id": "gift", "balance": 2.0},
            },
        }
    },
    "orders": {
        "#W1": {
            "order_id": "#W1",
            "user_id": "ada",
            "status": "pending",
            "items": [{"item_id": "1", "product_id": "p", "price": 10.0, "options": {"color": "red"}}],
            "payment_history": [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": "card"}],
        }
    },
}


@pytest.fixture
def shop() -> RetailShop:
    return RetailShop(copy.deepcopy(DB))


def test_people_and_things_are_found(shop: RetailShop) -> None:
    assert shop.user_by_email("ADA@x.example")["user_id"] == "ada"
    assert shop.user_by_name("ada", "byron", "10101")["user_id"] == "ada"
    assert shop.item("2")["name"] == "Lamp"
    with pytest.raises(NotThere):
        shop.user_by_name("ada", "byron", "10102")


def test_a_cancelled_order_is_paid_back_and_cancelled_once(shop: RetailShop) -> None:
    assert shop.cancel("#W1", "no longer needed")["payment_history"][-1]["transaction_type"] == "refund"
    with pytest.raises(Impossible):
        shop.cancel("#W1", "no longer needed")
    assert shop.changes == {"cancel": 1}


def test_an_item_is_replaced_by_one_of_its_kind_that_is_there_and_paid_for(shop: RetailShop) -> None:
    for new, method in (("3", "card"), ("1", "card"), ("2", "gift")):
        with pytest.raises(Impossible):
            shop.replace_items("#W1", ["1"], [new], method)
    assert shop.replace_items("#W1", ["1"], ["2"], "card")["status"] == "pending (item modified)"


async def test_a_key_counts_once_over_its_interface(shop: RetailShop) -> None:
    arguments = {"type": "object", "properties": {"order_id": {"type": "string"}, "reason": {"type": "string"}}}
    result = {"type": "object", "properties": {"status": {"type": "string"}}}
    with serving(shop) as url:
        service = Service("shop", url)
        path = "/orders/{order_id}/cancel"
        cancel = Action("cancel", service, "POST", path, Risk.IRREVERSIBLE, 3.0, arguments, result)
        port = HttpActions()
        for _ in range(2):
            told = await port.perform(cancel, {"order_id": "#W1", "reason": "no longer needed"}, key="k")
            assert told == Succeeded({"status": "cancelled"})
        await port.close()
    assert shop.changes == {"cancel": 1}
