from gateway.commands.evaluate.kinds.flows import Options, told
from gateway.commands.evaluate.rehearsal import Aspect, Held
from gateway.commands.evaluate.scripts import Dialog, Script
from gateway.commands.evaluate.suite import read_suite


def script(language: str) -> Script:
    turns = [{"caller": "hello"}]
    return Script("one", Dialog.model_validate({"about": "a", "language": language, "turns": turns}), (1,))


def test_a_dialog_passes_as_a_whole_and_each_expectation_counts() -> None:
    good, bad = Held(Aspect.SAID), Held(Aspect.SAID, "said too much")
    findings = told([(script("en"), (good, bad)), (script("ko"), (good, Held(Aspect.DONE)))])
    values = {group: {name: figure.value for name, figure in of.items()} for group, of in findings.figures.items()}
    assert values["en"] == {"passed": 0.0, "said": 0.5, "asked": None, "decided": None, "done": None}
    assert values["all"]["passed"] == 0.5
    assert values["ko"]["done"] == 1.0
    assert findings.problems == ("said too much",)


def test_the_suite_that_ships_finds_its_scripts() -> None:
    suite = read_suite("flows")
    folder = suite.file.path.parent / suite.options(Options).scripts
    assert len(list(folder.rglob("*.yaml"))) >= 30
