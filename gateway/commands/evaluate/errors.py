"""Why an evaluation could not be carried out. None of these is a failed gate."""

from __future__ import annotations

from infra.errors import AiccError


class EvaluationError(AiccError):
    """An evaluation did not come to a verdict."""

    code = "evaluation_error"


class SuiteInvalid(EvaluationError):
    """A suite's file is missing, malformed, or asks for what no suite measures."""

    code = "evaluation_suite_invalid"


class DataAbsent(EvaluationError):
    """The data that a suite names is not on this machine, or is not what it claims to be."""

    code = "evaluation_data_absent"
