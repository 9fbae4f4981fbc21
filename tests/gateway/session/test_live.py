from gateway.session.live import MOST_WAITING, Live


async def test_whoever_looks_on_sees_what_is_published_from_then_on_until_the_call_is_over():
    live = Live()
    live.publish("partial", text="before")
    async with live.look_on() as onlooker:
        live.publish("partial", text="now")
        live.publish("card", text="later")
        live.close()
        assert [(sight.name, sight.data["text"]) async for sight in onlooker] == [("partial", "now"), ("card", "later")]


async def test_who_does_not_keep_up_loses_the_oldest_and_nobody_waits_for_them():
    live = Live()
    async with live.look_on() as slow:
        for number in range(MOST_WAITING + 5):
            live.publish("partial", number=number)
        live.close()
        assert [sight.data["number"] async for sight in slow] == list(range(5, MOST_WAITING + 5))


async def test_who_looks_away_is_shown_nothing_more():
    live = Live()
    async with live.look_on() as onlooker:
        pass
    live.publish("partial", text="after")
    onlooker.end()
    assert [sight async for sight in onlooker] == []
