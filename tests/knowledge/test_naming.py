from __future__ import annotations

from knowledge.index import Space
from knowledge.naming import PREFIX, catalog, collection


def test_every_tenant_language_and_model_has_a_collection_of_its_own() -> None:
    spaces = [
        Space(tenant, language, model)
        for tenant in ("a/b", "a:b", "a_b", "한빛")
        for language in ("ko", "en")
        for model in ("", "all-MiniLM-L6-v2", "all_MiniLM_L6_v2")
    ]
    names = [collection(space) for space in spaces] + [catalog(tenant) for tenant in ("a/b", "a:b", "a_b", "한빛")]
    assert len(set(names)) == len(names)
    assert all(name.startswith(PREFIX) and "/" not in name and ":" not in name for name in names)


def test_names_that_are_fit_stay_as_they_are() -> None:
    assert collection(Space("shop", "en")) == "aicc-shop-en-words"
    assert catalog("shop") == "aicc-shop-catalog"
