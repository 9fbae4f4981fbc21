"""The retail shop's desk: what a clerk does with a caller's words before a tool can be used. Looks, by plain words.

Who calls is found by an e-mail address, or by a name with a zip code; one of their orders by its number, or by what is
in it; items by what they are called, their replacements by the options that are named (what is not named stays as near
as it can), a way to pay by its kind. What is not found, or could be two things, is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from gateway.commands.evaluate.retail_shop import Json, NotThere, RetailShop

T = TypeVar("T")
_ADDRESS = re.compile(
    r"(?P<address1>[^,]+),\s*(?P<address2>[^,]+),\s*(?P<city>[^,]+),?\s+(?P<state>[A-Za-z]{2})\s+(?P<zip>\d{5})"
)


class Desk:
    """The desk of a shop. Its looks are served beside the shop's own."""

    def __init__(self, shop: RetailShop) -> None:
        self.shop = shop

    @property
    def looks(self) -> Mapping[str, Callable[..., Json]]:
        return {
            "account": self.account,
            "pending_order": lambda **asked: self.order("pending", **asked),
            "delivered_order": lambda **asked: self.order("delivered", **asked),
            "any_order": lambda **asked: self.order("", **asked),
            "items": self.items,
            "replacements": self.replacements,
            "payment": self.payment,
            "address": self.address,
            "product": self.product,
        }

    def account(self, words: str) -> Json:
        email = re.search(r"\S+@\S+\w", words)
        if email is not None:
            return self.shop.user_by_email(email.group())
        said = _tokens(words)
        for user in self.shop.db["users"].values():
            name = {user["name"]["first_name"].casefold(), user["name"]["last_name"].casefold()}
            if name <= said and user["address"]["zip"] in said:
                return user
        raise NotThere("nobody of that name lives there")

    def order(self, state: str, user_id: str, words: str) -> Json:
        numbers = re.findall(r"\d{7}", words)
        own = [self.shop.order(number) for number in self.shop.user(user_id)["orders"]]
        found = [
            order
            for order in own
            if (order["order_id"][2:] in numbers if numbers else self._named(order["items"], words))
            and order["status"].startswith(state)
        ]
        order = _only(found)
        return {**order, "contents": " and ".join(item["name"] for item in order["items"])}

    def items(self, order_id: str, words: str) -> Json:
        named = self._named(self.shop.order(order_id)["items"], words)
        if not named:
            raise NotThere("nothing of that is in the order")
        return {"item_ids": [item["item_id"] for item in named], "names": " and ".join(item["name"] for item in named)}

    def replacements(self, order_id: str, item_ids: str, words: str) -> Json:
        order = self.shop.order(order_id)
        olds = [next(item for item in order["items"] if item["item_id"] == old) for old in json.loads(item_ids)]
        news = [self._replacement(old, words) for old in olds]
        return {
            "new_item_ids": [new["item_id"] for new in news],
            "options": "; ".join(", ".join(new["options"].values()) for new in news),
        }

    def payment(self, order_id: str, kind: str) -> Json:
        order = self.shop.order(order_id)
        methods = self.shop.user(order["user_id"])["payment_methods"]
        if kind == "original":
            return {"payment_method_id": order["payment_history"][0]["payment_method_id"]}
        return {"payment_method_id": _only([key for key, method in methods.items() if method["source"] == kind])}

    def address(self, words: str) -> Json:
        written = _ADDRESS.search(words)
        if written is None:
            raise NotThere("that is no whole address")
        return {**{name: part.strip() for name, part in written.groupdict().items()}, "country": "USA"}

    def product(self, words: str) -> Json:
        found = _only([one for one in self.shop.db["products"].values() if _called(one["name"], words)])
        return {"name": found["name"], "count": sum(one["available"] for one in found["variants"].values())}

    def _named(self, items: Iterable[Json], words: str) -> list[Json]:
        return [item for item in items if _called(item["name"], words)]

    def _replacement(self, old: Json, words: str) -> Json:
        variants = self.shop.product(old["product_id"])["variants"].values()
        wanted = _wanted([variant["options"] for variant in variants], words)
        fitting = [
            variant
            for variant in variants
            if variant["available"]
            and variant["item_id"] != old["item_id"]
            and all(variant["options"][name] == value for name, value in wanted.items())
        ]
        if not wanted or not fitting:
            raise NotThere("there is none like that")
        return max(fitting, key=lambda variant: len(set(variant["options"].items()) & set(old["options"].items())))


def _wanted(options: list[dict[str, str]], words: str) -> dict[str, str]:
    """The values that ``words`` name, by option: those of which a word is said that no other value has."""
    said, wanted = _tokens(words), {}
    for name in options[0]:
        values = {option[name] for option in options}
        named = []
        for value in values:
            own = _tokens(value).difference(*(_tokens(other) for other in values - {value}))
            without = value == "none" and re.search(rf"\b(no|without)\s+(a\s+)?{re.escape(name)}\b", words.casefold())
            if own & said or without:
                named.append(value)
        if len(named) == 1:
            wanted[name] = named[0]
    return wanted


def _called(name: str, words: str) -> bool:
    return _tokens(name) <= _tokens(words)


def _tokens(text: str) -> set[str]:
    """Words in lower case, without the s of several."""
    found = (word.rstrip(".") for word in re.findall(r"[\w.'-]+", text.casefold()))
    return {word.removesuffix("s") if len(word) > 3 else word for word in found}


def _only(found: list[T]) -> T:
    if len(found) != 1:
        raise NotThere(f"{len(found)} fit")
    return found[0]
