"""What can go wrong in the dialog, by name."""

from __future__ import annotations

from infra.errors import AiccError


class DialogError(AiccError):
    """Any failure of understanding, answering or acting."""

    code = "dialog_error"


class TenantDialogInvalid(DialogError):
    """A tenant's intents, flows, actions or templates do not load; the message names the file and line."""

    code = "dialog_tenant_invalid"


class ReleaseInvalid(DialogError):
    """A release cannot be made of this, or is not what it says it is."""

    code = "dialog_release_invalid"


class ReleaseUnknown(DialogError):
    """There is no release, or no label, of that name."""

    code = "dialog_release_unknown"


class LanguageNotSpoken(DialogError):
    """A text is in a language that the dialog, or this tenant, has no words for."""

    code = "dialog_language_not_spoken"


class IntentMoved(DialogError):
    """An action's intent is not where it was believed to be: somebody else has carried it on. Read it anew."""

    code = "dialog_intent_moved"


class ActionModuleRefused(DialogError):
    """A Python module that configuration names for actions is not there, or offers none."""

    code = "dialog_action_module_refused"


class DescriptionRefused(DialogError):
    """A description of services cannot be made into actions; the message says what to change in it."""

    code = "dialog_description_refused"


class ToolMisfit(DialogError):
    """A tool of an MCP server is not what an action takes it for; the message says where they differ."""

    code = "dialog_tool_misfit"


class PrivacyOpinionAbsent(DialogError):
    """A second opinion on personal data was asked for, and the package that gives it is not installed."""

    code = "dialog_privacy_opinion_absent"
