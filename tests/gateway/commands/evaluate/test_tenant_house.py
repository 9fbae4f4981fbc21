from pathlib import Path

from gateway.commands.evaluate.tenant_house import EXAMPLES, tenant_folder


def test_a_tenant_lies_beside_the_suite_or_among_the_examples(tmp_path: Path) -> None:
    assert tenant_folder("hanbit-store", tmp_path) == EXAMPLES / "hanbit-store"
    assert (EXAMPLES / "hanbit-store" / "tenant.yaml").is_file()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "tenant.yaml").write_text("id: shop\n", encoding="utf-8")
    assert tenant_folder("shop", tmp_path) == tmp_path / "shop"
