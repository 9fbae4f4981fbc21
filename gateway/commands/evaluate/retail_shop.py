"""A retail shop's system of record, by the published policy of tau2-bench's retail domain, and its HTTP interface.

It knows orders, users and products, and how each change leaves them. Who may ask for what is not its affair (that is
the action layer's); what cannot be (an item that is not in the order, a gift card without the money) it refuses itself.
Each change counts once for its idempotency key.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Json = dict[str, Any]


class NotThere(LookupError):
    """There is no such order, user or product."""


class Impossible(ValueError):
    """The shop cannot do that."""


class RetailShop:
    """The shop; ``db`` (products, users, orders) is changed in place. ``changes`` counts what really happened."""

    def __init__(self, db: Json) -> None:
        self.db = db
        self.changes: Counter[str] = Counter()
        self._variants = {
            item: {**variant, "product_id": product["product_id"], "name": product["name"]}
            for product in db["products"].values()
            for item, variant in product["variants"].items()
        }

    # --- looking ---------------------------------------------------------------------------------------------

    def user_by_email(self, email: str) -> Json:
        """Whose address it is, whatever the case."""
        return self._one_user(lambda user: user["email"].casefold() == email.casefold())

    def user_by_name(self, first_name: str, last_name: str, zip: str) -> Json:
        """Who has that name and lives there."""
        name = (first_name.casefold(), last_name.casefold(), zip)
        return self._one_user(
            lambda user: (
                (
                    *(part.casefold() for part in (user["name"]["first_name"], user["name"]["last_name"])),
                    user["address"]["zip"],
                )
                == name
            )
        )

    def user(self, user_id: str) -> Json:
        """A user by id."""
        return self._there("users", user_id)

    def order(self, order_id: str) -> Json:
        """An order by id."""
        return self._there("orders", order_id)

    def product(self, product_id: str) -> Json:
        """A product with all its variants."""
        return self._there("products", product_id)

    def item(self, item_id: str) -> Json:
        """A variant, with the product that it is one of."""
        if item_id not in self._variants:
            raise NotThere(f"no item {item_id}")
        return self._variants[item_id]

    # --- changing --------------------------------------------------------------------------------------------

    def cancel(self, order_id: str, reason: str) -> Json:
        """Take an order back before it was packed, and give back what was paid."""
        order = self._in(order_id, "pending")
        for payment in list(order["payment_history"]):
            self._pay(order, -payment["amount"], payment["payment_method_id"])
        return self._changed("cancel", order, status="cancelled", cancel_reason=reason)

    def ship_to(self, order_id: str, **address: str) -> Json:
        """Send an order elsewhere."""
        order = self._in(order_id, "pending", "pending (item modified)")
        return self._changed("ship_to", order, address=_address(address))

    def pay_with(self, order_id: str, payment_method_id: str) -> Json:
        """Pay an order by other means."""
        order = self._in(order_id, "pending", "pending (item modified)")
        history = order["payment_history"]
        if len(history) != 1 or history[0]["transaction_type"] != "payment":
            raise Impossible("the order was not paid in one payment")
        paid = history[0]
        if paid["payment_method_id"] == payment_method_id:
            raise Impossible("it is paid with that already")
        self._afford(order, payment_method_id, paid["amount"])
        self._pay(order, paid["amount"], payment_method_id)
        self._pay(order, -paid["amount"], paid["payment_method_id"])
        return self._changed("pay_with", order)

    def replace_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Json:
        """Take other variants of the same products; only once."""
        order = self._in(order_id, "pending")
        pairs = self._pairs(order, item_ids, new_item_ids)
        if any(old["item_id"] == new["item_id"] for old, new in pairs):
            raise Impossible("an item cannot be replaced by itself")
        difference = _difference(pairs)
        self._afford(order, payment_method_id, difference)
        self._pay(order, difference, payment_method_id)
        for old, new in pairs:
            old.update(item_id=new["item_id"], price=new["price"], options=new["options"])
        return self._changed("replace_items", order, status="pending (item modified)")

    def exchange(self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> Json:
        """Ask for other variants of what was delivered."""
        order = self._in(order_id, "delivered")
        difference = _difference(self._pairs(order, item_ids, new_item_ids))
        self._afford(order, payment_method_id, difference)
        return self._changed(
            "exchange",
            order,
            status="exchange requested",
            exchange_items=sorted(item_ids),
            exchange_new_items=sorted(new_item_ids),
            exchange_payment_method_id=payment_method_id,
            exchange_price_difference=difference,
        )

    def take_back(self, order_id: str, item_ids: list[str], payment_method_id: str) -> Json:
        """Ask to give back what was delivered."""
        order = self._in(order_id, "delivered")
        self._items(order, item_ids)
        method = self._method(order, payment_method_id)
        if method["source"] != "gift_card" and payment_method_id != order["payment_history"][0]["payment_method_id"]:
            raise Impossible("money goes back where it came from, or onto a gift card")
        return self._changed(
            "take_back",
            order,
            status="return requested",
            return_items=sorted(item_ids),
            return_payment_method_id=payment_method_id,
        )

    def move_house(self, user_id: str, **address: str) -> Json:
        """Change a user's own address."""
        user = self.user(user_id)
        return self._changed("move_house", user, address=_address(address))

    # --- what the changes have in common ---------------------------------------------------------------------

    def _there(self, kind: str, key: str) -> Json:
        if key not in self.db[kind]:
            raise NotThere(f"no {kind[:-1]} {key}")
        found: Json = self.db[kind][key]
        return found

    def _one_user(self, fits: Callable[[Json], bool]) -> Json:
        users: Iterable[Json] = self.db["users"].values()
        for user in users:
            if fits(user):
                return user
        raise NotThere("no such user")

    def _in(self, order_id: str, *states: str) -> Json:
        order = self.order(order_id)
        if order["status"] not in states:
            raise Impossible(f"the order is {order['status']}")
        return order

    def _items(self, order: Json, item_ids: list[str]) -> list[Json]:
        """The order's items of these ids, one for each time that an id is named."""
        left = list(order["items"])
        found = []
        for item_id in item_ids:
            item = next((item for item in left if item["item_id"] == item_id), None)
            if item is None:
                raise Impossible(f"the order has no (further) item {item_id}")
            left.remove(item)
            found.append(item)
        return found

    def _pairs(self, order: Json, item_ids: list[str], new_item_ids: list[str]) -> list[tuple[Json, Json]]:
        if len(item_ids) != len(new_item_ids):
            raise Impossible("each item needs one that takes its place")
        pairs = list(zip(self._items(order, item_ids), map(self.item, new_item_ids), strict=True))
        for old, new in pairs:
            if new["product_id"] != old["product_id"] or not new["available"]:
                raise Impossible(f"{new['item_id']} is another product, or not to be had")
        return pairs

    def _method(self, order: Json, payment_method_id: str) -> Json:
        methods = self.user(order["user_id"])["payment_methods"]
        if payment_method_id not in methods:
            raise Impossible(f"the user has no {payment_method_id}")
        method: Json = methods[payment_method_id]
        return method

    def _afford(self, order: Json, payment_method_id: str, amount: float) -> None:
        method = self._method(order, payment_method_id)
        if method["source"] == "gift_card" and method["balance"] < amount:
            raise Impossible("there is not enough on the gift card")

    def _pay(self, order: Json, amount: float, payment_method_id: str) -> None:
        """Money comes in (or goes back, when it is less than nothing), at once only from and to gift cards."""
        kind = "payment" if amount > 0 else "refund"
        entry = {"transaction_type": kind, "amount": abs(amount), "payment_method_id": payment_method_id}
        order["payment_history"].append(entry)
        method = self._method(order, payment_method_id)
        if method["source"] == "gift_card":
            method["balance"] = round(method["balance"] - amount, 2)

    def _changed(self, what: str, record: Json, **fields: Any) -> Json:
        record.update(fields)
        self.changes[what] += 1
        return record


def _difference(pairs: list[tuple[Json, Json]]) -> float:
    difference: float = sum(new["price"] - old["price"] for old, new in pairs)
    return round(difference, 2)


def _address(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: parts[name] for name in ("address1", "address2", "city", "country", "state", "zip")}


_GET: dict[str, str] = {"orders": "order", "users": "user", "products": "product", "items": "item"}
_POST = frozenset({"cancel", "ship_to", "pay_with", "replace_items", "exchange", "take_back"})


@contextmanager
def serving(shop: RetailShop, desk: Mapping[str, Callable[..., Json]] | None = None) -> Iterator[str]:
    """The shop's interface on a real socket; its base URL. ``desk`` are further looks, under ``/desk/<name>``."""
    looks = desk or {}
    answered: dict[str, tuple[int, Json]] = {}
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            kind, *key = map(unquote, split.path.strip("/").split("/"))
            if kind == "desk":
                self._answer(lambda: looks[key[0]](**dict(parse_qsl(split.query))))
            elif key == ["by-email"]:
                self._answer(lambda: shop.user_by_email(**dict(parse_qsl(split.query))))
            elif key == ["by-name"]:
                self._answer(lambda: shop.user_by_name(**dict(parse_qsl(split.query))))
            else:
                self._answer(lambda: getattr(shop, _GET[kind])(*key))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kind, key, what = map(unquote, self.path.strip("/").split("/"))
            method = "move_house" if (kind, what) == ("users", "address") else what
            if method not in {*_POST, "move_house"}:
                self.send_error(404)
                return
            with lock:
                told = self.headers["Idempotency-Key"]
                if told not in answered:
                    answered[told] = _told(lambda: getattr(shop, method)(key, **body))
                self._send(*answered[told])

        def _answer(self, work: Callable[[], Json]) -> None:
            with lock:
                self._send(*_told(work))

        def _send(self, status: int, answer: Json) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="retail shop")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _told(work: Callable[[], Json]) -> tuple[int, Json]:
    try:
        return 200, json.loads(json.dumps(work()))
    except NotThere as error:
        return 404, {"detail": str(error)}
    except (Impossible, TypeError, KeyError) as error:
        return 409, {"detail": str(error)}
