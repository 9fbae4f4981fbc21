"""The shop's order service: a small, real HTTP service that knows where orders are, and changes them.

It exists so that the business actions of this tenant talk to something over a real socket, with real failures. Orders
and whose they are stand in a file, which is never written: what is changed is remembered until the service stops. Only
the standard library is used, so that it starts at once and on any machine.

``GET /orders/{order_number}``
    200 with the order, 404 ``{"error": "not_found"}``, or 400 ``{"error": "bad_order_number"}`` when the number is not
    eight digits.
``GET /orders/{order_number}/owner?postcode=04524`` (or ``phone_end=5678``)
    200 with ``{"customer_id": "…"}`` when that is true of whose order it is, else 404: the same whether there is no
    such order or the answer is wrong. After ten wrong answers in a row no answer about that order is right any more.
``GET /customers/{customer_id}``
    200 with where the customer can be reached, or 404.
``POST /orders/{order_number}/cancel``
    200 with the cancelled order; 409 ``{"error": "not_cancellable"}`` once it was handed to the carrier.
``PUT /orders/{order_number}/address`` with ``{"address": "…"}``
    200 with the order; 409 ``{"error": "not_changeable"}`` once it was handed to the carrier.
``POST /orders/{order_number}/refund`` with ``{"amount": 12000, "reason": "…"}``
    200 with the order; 409 ``{"error": "not_refundable"}`` before it was delivered, or for more than was paid.
``GET /health``
    200 ``{"status": "ok", "orders": n}``.

A request with an ``Idempotency-Key`` that was answered before is answered the same way and changes nothing.

For failure drills a request may ask to be treated badly, by query or by header: ``drill_status=503`` or
``X-Drill-Status`` (that status instead of an answer), ``drill_delay_ms=1500`` or ``X-Drill-Delay-Ms`` (wait first),
``drill_body=broken`` or ``X-Drill-Body`` (a body that is not JSON). ``--fail-every`` and ``--delay-ms`` do the same to
all requests for orders.

The file names a day, ``as_of``, on which its orders are true. All dates are moved by the days that passed since then,
so that a parcel which is "out for delivery today" stays so; ``--today`` fixes the day instead.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

STATUSES = frozenset({"preparing", "shipped", "out_for_delivery", "delivered", "cancelled"})
ORDER_NUMBER = re.compile(r"[0-9]{8}", re.ASCII)
SHOP_ZONE = ZoneInfo("Asia/Seoul")
LONGEST_DELAY_MS = 60_000
LARGEST_BODY = 16 * 1024
IDLE_CONNECTION_SECONDS = 30.0

MOST_WRONG_ANSWERS = 10
"""After so many wrong answers in a row about one order, right ones count no more: whoever goes on is guessing."""

Order = dict[str, Any]
Customer = dict[str, str]


class BadOrderFile(ValueError):
    """The file of orders cannot be served; the message says which order and why."""


def load_orders(path: Path, today: date | None = None) -> dict[str, Order]:
    """The orders of ``path`` by number, with every date moved so that ``as_of`` falls on ``today``.

    Without ``today`` the dates stay as they are written. Raises ``BadOrderFile``.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        moved_by = (today - date.fromisoformat(content["as_of"])) if today is not None else timedelta(0)
        listed = list(content["orders"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadOrderFile(f"{path}: needs an object with 'as_of' (a date) and 'orders' (a list): {error}") from error
    orders: dict[str, Order] = {}
    for order in listed:
        number = str(order["order_number"]) if isinstance(order, dict) and "order_number" in order else ""
        if not ORDER_NUMBER.fullmatch(number):
            raise BadOrderFile(f"{path}: order number {number!r} is not eight digits")
        if number in orders:
            raise BadOrderFile(f"{path}: order {number} is listed twice")
        try:
            orders[number] = _moved(order, moved_by)
        except (ValueError, KeyError, TypeError) as error:
            raise BadOrderFile(f"{path}: order {number}: {error}") from error
    return orders


def load_customers(path: Path) -> dict[str, Customer]:
    """The customers of ``path`` by number. Raises ``BadOrderFile``."""
    try:
        customers = json.loads(path.read_text(encoding="utf-8")).get("customers", {})
        return {str(number): dict(customer) for number, customer in customers.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadOrderFile(f"{path}: 'customers' must be an object of objects: {error}") from error


def _moved(order: Order, days: timedelta) -> Order:
    """``order`` with its dates ``days`` later; a cancelled order has no date of delivery."""
    if order["status"] not in STATUSES:
        raise ValueError(f"status {order['status']!r} is none of {sorted(STATUSES)}")
    ordered_at = datetime.fromisoformat(order["ordered_at"]) + days
    estimated = order["estimated_delivery"]
    return order | {
        "address": order.get("address"),
        "refunded_krw": order.get("refunded_krw", 0),
        "ordered_at": ordered_at.isoformat(),
        "estimated_delivery": None if estimated is None else (date.fromisoformat(estimated) + days).isoformat(),
    }


@dataclass(frozen=True, slots=True)
class Drill:
    """How badly one request is treated."""

    status: int | None = None
    delay_ms: int = 0
    broken_body: bool = False


@dataclass(slots=True)
class Misbehaviour:
    """What the whole service does wrong on purpose: every ``fail_every``-th request fails, each waits ``delay_ms``."""

    fail_every: int = 0
    delay_ms: int = 0
    _asked: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def drill(self, asked: Drill) -> Drill:
        """What happens to the next request, which asked for ``asked`` itself."""
        turn = next(self._asked)  # one step of a C iterator: safe between threads
        failing = self.fail_every > 0 and turn % self.fail_every == 0
        status = asked.status if asked.status is not None else (503 if failing else None)
        return Drill(status, min(asked.delay_ms + self.delay_ms, LONGEST_DELAY_MS), asked.broken_body)


Change = Callable[[Order, dict[str, Any]], Order | str]
"""What a request does to an order: the order afterwards, or why it is not done."""


def cancelled(order: Order, body: dict[str, Any]) -> Order | str:
    """Called off, as long as it has not left."""
    return order | {"status": "cancelled"} if order["status"] == "preparing" else "not_cancellable"


def readdressed(order: Order, body: dict[str, Any]) -> Order | str:
    """Sent elsewhere, as long as it has not left."""
    address = body.get("address")
    good = isinstance(address, str) and address and order["status"] == "preparing"
    return order | {"address": address} if good else "not_changeable"


def refunded(order: Order, body: dict[str, Any]) -> Order | str:
    """Money given back, never more than was paid."""
    amount, before = body.get("amount"), order["refunded_krw"]
    good = isinstance(amount, int) and amount > 0 and before + amount <= order["total_krw"]
    return order | {"refunded_krw": before + amount} if good and order["status"] == "delivered" else "not_refundable"


class OrderServer(ThreadingHTTPServer):
    """Serves ``orders``, one thread for each connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        address: tuple[str, int],
        orders: dict[str, Order],
        customers: dict[str, Customer],
        misbehaviour: Misbehaviour,
    ) -> None:
        super().__init__(address, OrderRequest)
        self.orders = orders
        self.customers = customers
        self.wrong: Counter[str] = Counter()
        self.changing = threading.Lock()
        self.answered: dict[str, tuple[int, object]] = {}
        self.misbehaviour = misbehaviour

    @property
    def url(self) -> str:
        """Where it listens, with the port that was really taken."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def owner(self, number: str, told: dict[str, str]) -> str | None:
        """The customer whose order it is, if what is ``told`` is true of them; wrong answers are counted."""
        order = self.orders.get(number, {})
        customer_id = str(order.get("customer_id", ""))
        customer = self.customers.get(customer_id)
        truth = {} if customer is None else {"postcode": customer["postcode"], "phone_end": customer["phone"][-4:]}
        right = bool(told) and all(truth.get(name) == value for name, value in told.items())
        with self.changing:
            if right and self.wrong[number] < MOST_WRONG_ANSWERS:
                self.wrong.pop(number, None)
                return customer_id
            self.wrong[number] += 1
            return None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in mid-answer is its own affair; anything else is reported."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class OrderRequest(BaseHTTPRequestHandler):
    """One connection."""

    server: OrderServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; waiting between them costs 40 ms
    timeout = IDLE_CONNECTION_SECONDS
    verbose = False

    def do_GET(self) -> None:
        """Answer one request."""
        address = urlsplit(self.path)
        match address.path.strip("/").split("/"):
            case ["health"]:
                self._answer(200, {"status": "ok", "orders": len(self.server.orders)})
            case ["orders", number]:
                self._answer_order(number, address.query)
            case ["orders", number, "owner"]:
                told = {name: values[-1] for name, values in parse_qs(address.query).items()}
                customer = self.server.owner(number, told)
                self._answer(*((200, {"customer_id": customer}) if customer else (404, {"error": "not_found"})))
            case ["customers", customer] if customer in self.server.customers:
                self._answer(200, {"customer_id": customer, **self.server.customers[customer]})
            case _:
                self._answer(404, {"error": "no_such_path"})

    def do_POST(self) -> None:
        """Cancel an order, or give money back for it."""
        self._change({"cancel": cancelled, "refund": refunded})

    def do_PUT(self) -> None:
        """Send an order elsewhere."""
        self._change({"address": readdressed})

    def _change(self, changes: dict[str, Change]) -> None:
        """Change an order, once for each idempotency key; the answer may still be lost in a drill."""
        length = int(self.headers.get("Content-Length") or 0)
        try:
            body = json.loads(self.rfile.read(min(length, LARGEST_BODY)) or b"{}")
        except ValueError:
            self._answer(400, {"error": "bad_body"})
            return
        address = urlsplit(self.path)
        match address.path.strip("/").split("/"):
            case ["orders", number, what] if what in changes and isinstance(body, dict):
                drill = self._drilled(address.query)
                if drill is not None and drill.status is not None:
                    self._answer(drill.status, {"error": "drill"}, broken=drill.broken_body)
                elif drill is not None:
                    status, answer = self._changed(changes[what], number, body)
                    self._answer(status, answer, broken=drill.broken_body)
            case _:
                self._answer(404, {"error": "no_such_path"})

    def _changed(self, change: Change, number: str, body: dict[str, Any]) -> tuple[int, object]:
        key = self.headers.get("Idempotency-Key", "")
        with self.server.changing:
            if key in self.server.answered:
                return self.server.answered[key]
            order = self.server.orders.get(number)
            after = None if order is None else change(order, body)
            if order is None:
                answer: tuple[int, object] = (404, {"error": "not_found"})
            elif isinstance(after, str):
                answer = (409, {"error": after})
            else:
                self.server.orders[number] = after or order
                answer = (200, after)
            if key:
                self.server.answered[key] = answer
            return answer

    def _drilled(self, query: str) -> Drill | None:
        """The drill of this request, after its waiting; None when it was answered as a bad one."""
        try:
            drill = self.server.misbehaviour.drill(self._asked_drill(query))
        except ValueError as error:
            self._answer(400, {"error": "bad_drill", "detail": str(error)})
            return None
        if drill.delay_ms:
            time.sleep(drill.delay_ms / 1000)
        return drill

    def _answer_order(self, number: str, query: str) -> None:
        """Answer for one order, as well or as badly as the drills want it."""
        drill = self._drilled(query)
        if drill is None:
            return
        if drill.status is not None:
            self._answer(drill.status, {"error": "drill"}, broken=drill.broken_body)
        elif not ORDER_NUMBER.fullmatch(number):
            self._answer(400, {"error": "bad_order_number"})
        elif (order := self.server.orders.get(number)) is None:
            self._answer(404, {"error": "not_found"})
        else:
            self._answer(200, order, broken=drill.broken_body)

    def _asked_drill(self, query: str) -> Drill:
        """The drill that this request asks for; ``ValueError`` when it is not one."""
        wanted = {name: values[-1] for name, values in parse_qs(query).items()}
        status = wanted.get("drill_status", self.headers.get("X-Drill-Status"))
        delay = wanted.get("drill_delay_ms", self.headers.get("X-Drill-Delay-Ms"))
        body = wanted.get("drill_body", self.headers.get("X-Drill-Body"))
        if status is not None and not (status.isdecimal() and 400 <= int(status) <= 599):
            raise ValueError("drill_status is a status from 400 to 599")
        if delay is not None and not (delay.isdecimal() and int(delay) <= LONGEST_DELAY_MS):
            raise ValueError(f"drill_delay_ms is at most {LONGEST_DELAY_MS}")
        if body not in (None, "broken"):
            raise ValueError("drill_body can only be 'broken'")
        return Drill(None if status is None else int(status), int(delay or 0), body == "broken")

    def _answer(self, status: int, body: object, *, broken: bool = False) -> None:
        """Send ``body`` as JSON; ``broken`` cuts it in half."""
        content = json.dumps(body, ensure_ascii=False).encode()
        if broken:
            content = content[: len(content) // 2]
        self.send_response(HTTPStatus(status) if status in HTTPStatus._value2member_map_ else status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Write to standard error when asked to be verbose; order numbers are personal data otherwise kept out."""
        if self.verbose:
            super().log_message(format, *args)


def build_server(
    orders: dict[str, Order],
    customers: dict[str, Customer] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    misbehaviour: Misbehaviour | None = None,
) -> OrderServer:
    """A server that is bound and listening; ``serve_forever`` makes it answer. Port 0 takes a free one."""
    return OrderServer((host, port), orders, customers or {}, misbehaviour or Misbehaviour())


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; the first line on standard output says where."""
    from serving import parser, serve  # beside this program; whoever only builds a server does not need it

    taken = parser("The order service of the example shop.", 8070)
    taken.add_argument("--data", type=Path, default=Path(__file__).with_name("orders.json"), help="the file of orders")
    taken.add_argument("--today", type=date.fromisoformat, help="the day that the orders' dates are moved to")
    taken.add_argument("--fail-every", type=int, default=0, metavar="N", help="answer every N-th order with 503")
    taken.add_argument("--delay-ms", type=int, default=0, metavar="MS", help="wait before every answer about an order")
    taken.add_argument("--verbose", action="store_true", help="log requests to standard error")
    arguments = taken.parse_args(argv)
    OrderRequest.verbose = arguments.verbose
    try:
        orders = load_orders(arguments.data, arguments.today or datetime.now(SHOP_ZONE).date())
        misbehaviour = Misbehaviour(arguments.fail_every, arguments.delay_ms)
        customers = load_customers(arguments.data)
        server = build_server(orders, customers, host=arguments.host, port=arguments.port, misbehaviour=misbehaviour)
    except (BadOrderFile, OSError) as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    return serve(server, server.url, until_stdin_closes=arguments.until_stdin_closes)


if __name__ == "__main__":
    sys.exit(main())
