from gateway.commands.evaluate.errors import DataAbsent, EvaluationError, SuiteInvalid


def test_every_error_has_a_code_of_its_own() -> None:
    codes = {error.code for error in (EvaluationError, SuiteInvalid, DataAbsent)}
    assert len(codes) == 3
    assert issubclass(DataAbsent, EvaluationError)
