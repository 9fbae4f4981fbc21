from gateway.desk import errors as desk
from gateway.desk.floor import errors as floor
from gateway.session import errors as session
from infra.errors import AiccError


def test_every_refusal_of_the_desk_has_a_code_of_its_own_and_says_what_it_means() -> None:
    kinds = {
        kind
        for module in (desk, floor, session)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, AiccError) and kind.__module__ == module.__name__
    }
    assert {desk.CallNotHere, floor.OfferGone, session.StaleGrip} <= kinds
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.__doc__ for kind in kinds)
