"""What Prometheus and Grafana are given: every metric that is named there exists, and both languages show the same."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector

from infra.telemetry.metrics import metrics

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "infra" / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
PAGES = sorted(DEPLOY.glob("grafana/dashboards/*.json"))
DASHBOARDS = {path.suffixes[0][1:]: json.loads(path.read_text("utf-8")) for path in PAGES}
ALERTS = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
PROMTOOL = shutil.which("promtool")
NAMED = re.compile(r"\b(?:aicc|process)_[a-z_]+|\bup\b")
PARTS = {"Counter": ("_total",), "Gauge": ("",), "Histogram": ("_bucket", "_sum", "_count")}


def made() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every metric of the packages, by the names under which it is exposed: its kind, and its labels."""
    found = {}
    for package in ("gateway", "stt", "dialog", "knowledge", "tts", "infra"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    found.update(one_made(node, node.func))
    return found


def one_made(node: ast.Call, function: ast.Attribute) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The metric that this call makes, if it makes one."""
    kind = function.attr.capitalize()
    if ast.unparse(function.value) != "metrics" or kind not in PARTS or not isinstance(node.args[0], ast.Constant):
        return {}
    given = [*node.args[2:3], *(one.value for one in node.keywords if one.arg == "labels")]
    listed = [one for one in given if isinstance(one, ast.Tuple | ast.List)]
    labels = tuple(ast.literal_eval(listed[0])) if listed else ()
    return {f"{node.args[0].value}{ending}": (kind, labels) for ending in PARTS[kind]}


MADE = made()


def of_process() -> set[str]:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return {sample.name for metric in registry.collect() for sample in metric.samples}


def panels(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in page["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    shown = [target["expr"] for page in DASHBOARDS.values() for panel in panels(page) for target in panel["targets"]]
    return sorted({*shown, *(rule["expr"] for rule in ALERTS)})


def test_the_source_is_read_rightly() -> None:
    assert MADE["aicc_actions_total"] == ("Counter", ("outcome",))
    assert MADE["aicc_ledger_acknowledge_seconds_bucket"] == ("Histogram", ())
    assert "aicc_ledger_stopped" in MADE
    assert len(MADE) > 60


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_that_is_named_exists(expression: str) -> None:
    names = set(NAMED.findall(expression))
    assert names, "an expression of no metric of ours"
    assert names <= MADE.keys() | of_process() | {"up"}


@pytest.mark.parametrize("expression", [one for one in expressions() if re.search(r"by \(|\{", one)])
def test_every_label_that_is_named_exists(expression: str) -> None:
    wanted = {name.strip() for names in re.findall(r"by \(([^)]*)\)", expression) for name in names.split(",")}
    wanted |= set(re.findall(r"(\w+)(?:=~|!=|=)\"", expression))
    labels = {label for name in NAMED.findall(expression) for label in MADE.get(name, ("", ()))[1]}
    assert wanted <= labels | {"le", "instance", "job"}


def test_the_process_tells_of_itself() -> None:
    assert "process_resident_memory_bytes" in metrics.exposition()[0].decode()


def test_both_languages_show_the_same_in_their_own_words() -> None:
    english, korean = DASHBOARDS["en"], DASHBOARDS["ko"]
    assert [panel["targets"] for panel in panels(english)] == [panel["targets"] for panel in panels(korean)]
    assert [panel["gridPos"] for panel in english["panels"]] == [panel["gridPos"] for panel in korean["panels"]]
    for panel, translated in zip(english["panels"], korean["panels"], strict=True):
        assert panel["title"].isascii() and re.search("[가-힣]", translated["title"])
    assert english["uid"] != korean["uid"]


@pytest.mark.parametrize("page", DASHBOARDS.values(), ids=DASHBOARDS)
def test_panels_do_not_lie_on_one_another(page: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in page["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in page["panels"]}) == len(page["panels"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_in_both_languages_what_is_wrong_and_the_page_says_what_to_do(rule: dict[str, Any]) -> None:
    said = rule["annotations"]
    assert said["summary"].isascii() and re.search("[가-힣]", said["summary_ko"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    for page in ("operations.md", "operations.ko.md"):
        assert f"`{rule['alert']}`" in (ROOT / "docs" / page).read_text("utf-8")


@pytest.mark.parametrize("page", ["operations.md", "operations.ko.md"])
def test_the_page_explains_every_metric_that_is_shown_and_none_that_there_is_not(page: str) -> None:
    explained = set(re.findall(r"`(aicc_[a-z_]+)`", (ROOT / "docs" / page).read_text("utf-8")))
    shown = {name for one in expressions() for name in NAMED.findall(one) if name.startswith("aicc_")}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in shown} <= explained
    assert explained <= {re.sub("_bucket$", "", name) for name in MADE}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool, which comes with Prometheus, is not installed")
def test_promtool_finds_nothing_wrong(tmp_path: Path) -> None:
    assert PROMTOOL is not None
    folder = tmp_path / "prometheus"
    shutil.copytree(PROMETHEUS, folder)
    (folder / "token").write_text("a token")
    plain = [re.sub(r"\$__rate_interval", "1m", one).replace("$instance", ".*") for one in expressions()]
    rules = [{"record": f"shown:{number}", "expr": one} for number, one in enumerate(plain)]
    (folder / "shown.yml").write_text(yaml.safe_dump({"groups": [{"name": "shown", "rules": rules}]}))

    def promtool(*arguments: str, given: str = "") -> tuple[int, str]:
        asked = [PROMTOOL, *arguments]
        done = subprocess.run(asked, cwd=folder, input=given, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    for arguments in (("config", "prometheus.yml"), ("rules", "shown.yml")):
        code, said = promtool("check", *arguments)
        assert code == 0, said
    code, said = promtool("test", "rules", "alerts.test.yml")
    assert code == 0, said
    code, said = promtool("check", "metrics", given=metrics.exposition()[0].decode())
    assert code != 1, said  # 3: something that its style guide would have otherwise
