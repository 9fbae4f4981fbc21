"""The desk's pure modules, in the browser that runs them: what is reduced from snapshots and events."""

from __future__ import annotations

import pytest
from playwright.async_api import Error

from tests.browser.desk_room import desk_room

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES = {
    "an event at or below the watermark changes nothing": """
        const { Desk } = await load("store");
        const desk = new Desk();
        desk.load({ watermark: 7, me: { agent: "a", routing: "idle" }, offer: null, item: null });
        desk.apply(7, "agent.routing", { agent: "a", routing: "reserved" });
        is(desk.me.routing, "idle");
        desk.apply(8, "agent.routing", { agent: "a", routing: "reserved" });
        is(desk.me.routing, "reserved");""",
    "what happens to others is not mine": """
        const { Desk } = await load("store");
        const desk = new Desk();
        desk.load({ watermark: 0, me: { agent: "a", routing: "idle" }, offer: null, item: null });
        desk.apply(1, "offer.made", { offer: "o", agent: "b", card: {} });
        desk.apply(2, "item.accepted", { item: "i", call: "c", agent: "b", state: "accepted" });
        desk.apply(3, "agent.routing", { agent: "b", routing: "on_contact" });
        is([desk.offer, desk.item, desk.me.routing], [null, null, "idle"]);""",
    "an offer without its card has to be read again": """
        const { Desk } = await load("store");
        const desk = new Desk();
        desk.load({ watermark: 0, me: { agent: "a" }, offer: null, item: null });
        is(desk.apply(1, "offer.made", { offer: "o", agent: "a" }), true);
        is(desk.apply(2, "offer.made", { offer: "p", agent: "a", card: {} }), false);""",
    "the item of another agent who has taken it over leaves the desk": """
        const { Desk } = await load("store");
        const desk = new Desk();
        const item = { item: "i", call: "c", agent: "a", state: "connected" };
        desk.load({ watermark: 0, me: { agent: "a" }, offer: null, item });
        is(desk.contact.call, "c");
        desk.apply(1, "item.requeued", { ...item, agent: null, state: "queued" });
        is([desk.item, desk.contact], [null, null]);""",
    "a partial is replaced, and gone with its final": """
        const { Contact } = await load("contact");
        const contact = new Contact("c");
        for (const text of ["가", "가나", "가나다"]) contact.apply(null, "partial", { speaker: "caller", text });
        is([...contact.transcript.partials.values()].map((one) => one.text), ["가나다"]);
        is(contact.apply(1, "caller.turn", { text: "가나다라" }).changed, ["transcript", "partial"]);
        is([contact.transcript.partials.size, contact.transcript.lines.length], [0, 1]);
        is(contact.apply(1, "caller.turn", { text: "가나다라" }).changed, []);""",
    "what the call has come to is told, and the hand-over's own words stay": """
        const { Contact } = await load("contact");
        const contact = new Contact("c");
        contact.read({ epoch: 1, parties: [], summary: { wish: "w", known: { name: "n" } } });
        const told = { live_summary: "now", sentiment: { label: "positive" }, summary: { known: { amount: "5" } } };
        is(contact.apply(null, "summary", told).changed, ["card"]);
        is([contact.card.live_summary, contact.card.sentiment.label], ["now", "positive"]);
        is(contact.card.summary, { wish: "w", known: { name: "n", amount: "5" } });""",
    "a card of an older epoch is not believed": """
        const { Contact } = await load("contact");
        const contact = new Contact("c");
        contact.read({ epoch: 4, owner: "agent", parties: [] });
        is(contact.read({ epoch: 3, owner: "bot", parties: [] }), false);
        contact.apply(1, "control.changed", { owner: "supervisor", epoch: 5 });
        contact.apply(2, "control.changed", { owner: "bot", epoch: 4 });
        is([contact.card.owner, contact.epoch], ["supervisor", 5]);""",
    "of a reply nobody heard there is no line, of one that was cut what was heard": """
        const { Transcript } = await load("transcript");
        const transcript = new Transcript();
        transcript.record(1, "reply.decided", { reply: 1, text: "하나 둘 셋", language: "ko" });
        is(transcript.partials.get("bot").text, "하나 둘 셋");
        transcript.record(2, "reply.heard", { reply: 1, text: "하나", complete: false });
        transcript.record(3, "reply.decided", { reply: 2, text: "넷" });
        transcript.record(4, "reply.heard", { reply: 2, text: "", complete: false });
        is(transcript.lines.map((line) => [line.text, line.note, line.language]), [["하나", "cut", "ko"]]);
        is(transcript.partials.size, 0);""",
    "keys are one line, masked ones stay masked": """
        const { Transcript } = await load("transcript");
        const transcript = new Transcript();
        ["•", "•", "#"].forEach((digit, i) => transcript.record(i + 1, "dtmf.pressed", { digit }));
        is(transcript.lines.map((line) => [line.text, line.note]), [["••#", "keypad"]]);""",
    "a line of the script that was said before the card was read is ticked": """
        const { Contact } = await load("contact");
        const contact = new Contact("c");
        contact.apply(null, "script", { id: "s", said: true });
        contact.read({ epoch: 1, parties: [], script: [{ id: "s", text: "", said: false }] });
        is(contact.card.script[0].said, true);""",
    "a window follows the end, stands still for who reads, and stays small": """
        const { ListWindow } = await load("list-window");
        const shown = new ListWindow(100, 40);
        shown.grow(5000);
        is([shown.from, shown.to], [4900, 5000]);
        while (shown.earlier()) is(shown.to - shown.from <= 100, true);
        is([shown.from, shown.following], [0, false]);
        shown.grow(5003);
        is([shown.from, shown.to, shown.unseen], [0, 100, 3]);
        while (shown.later()) is(shown.to - shown.from <= 100, true);
        shown.newest();
        is([shown.to, shown.unseen, shown.following], [5003, 0, true]);""",
    "a record's address is a web address with all that it asks for, or none": """
        const { screenPop } = await load("record");
        const at = (template) => screenPop(template, { call: "a/b", queue: "" }, { order: "1 & 2" })?.href ?? null;
        is(at("https://crm.example/?c={call}&o={known.order}"), "https://crm.example/?c=a%2Fb&o=1%20%26%202");
        is([at("javascript:{call}"), at("https://crm.example/{queue}"), at("{call}"), at("data:text/html,{call}")],
          [null, null, null, null]);""",
    "what an embedding page is told goes to the origin that greeted, the newest twenty first kept": """
        const { Embedding } = await load("embed");
        const told = [];
        const parent = { postMessage: (message, origin) => told.push([message.type, message.n ?? "", origin]) };
        const embedding = new Embedding(parent);
        for (let n = 0; n < 25; n += 1) embedding.tell("offer", { n });
        embedding.heard({ source: {}, origin: "https://evil.example", data: { type: "aicc.desk.hello" } });
        embedding.heard({ source: parent, origin: "https://crm.example", data: { type: "other" } });
        is(told, []);
        embedding.heard({ source: parent, origin: "https://crm.example", data: { type: "aicc.desk.hello" } });
        is([told.length, told[0], told[1][1]], [21, ["aicc.desk.ready", "", "https://crm.example"], 5]);""",
}

PRELUDE = """
    const load = (name) => import(`/static/desk/${name}.js`);
    const is = (found, wanted) => {
      const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
      if (left !== right) throw new Error(`${left} is not ${right}`);
    };
"""


async def test_the_pure_modules_do_what_they_say(page_for):
    async with desk_room(page_for) as room:
        for name, script in CASES.items():
            try:
                await room.page.evaluate(f"async () => {{ {PRELUDE} {script} }}")
            except Error as error:
                raise AssertionError(name) from error
