"""``aicc settings``: every setting that there is, as the page that documents them."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from dialog.settings import DialogSettings, LanguageModelSettings, MemorySettings
from gateway.access.settings import AccessSettings
from gateway.analytics.exports.settings import ExportSettings
from gateway.analytics.vcon.settings import VconSettings
from gateway.analytics.webhooks.settings import WebhookSettings
from gateway.commands.evaluate.settings import EvaluateSettings
from gateway.outbound.settings import OutboundSettings
from gateway.settings import GatewaySettings
from gateway.telephony.asterisk.settings import AsteriskSettings
from gateway.telephony.genesys.settings import GenesysSettings
from gateway.telephony.raw.settings import RawSettings
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.streams.settings import CarrierSettings
from infra.config import Section, variable_name
from infra.settings import DatabaseSettings, TracesSettings
from infra.storage.settings import KeySettings
from knowledge.settings import KnowledgeSettings, QdrantSettings
from stt.settings import SttSettings
from tts.settings import TtsSettings

SECTIONS: tuple[type[Section], ...] = (
    GatewaySettings,
    TelephonySettings,
    CarrierSettings,
    SipSettings,
    GenesysSettings,
    AsteriskSettings,
    RawSettings,
    OutboundSettings,
    AccessSettings,
    ExportSettings,
    VconSettings,
    WebhookSettings,
    DatabaseSettings,
    KeySettings,
    TracesSettings,
    QdrantSettings,
    KnowledgeSettings,
    SttSettings,
    DialogSettings,
    LanguageModelSettings,
    MemorySettings,
    TtsSettings,
    EvaluateSettings,
)

_HEAD = """# Settings

Each can be given in the environment, or in a TOML file (`aicc.toml` in the working directory, or the one that
`AICC_CONFIG` names) as a key in its section's table. The environment wins. `AICC_DATA` is the data directory; without
it `aicc` in the user's state directory. This page is what `aicc settings` prints.
"""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    for section in SECTIONS:
        doc = (section.__doc__ or "").strip().splitlines()[0]
        parts.append(f"## [{section.section}]\n\n{doc}\n\n| variable | default | what it does |\n|---|---|---|")
        for name, field in section.model_fields.items():
            default = field.default
            if default is PydanticUndefined:
                default = "(this machine's name)" if name == "node" else "(computed)"
            elif isinstance(default, SecretStr):
                default = "(secret)"
            elif isinstance(default, tuple):
                default = ", ".join(map(str, default))
            shown = "–" if default in (None, "", {}) else f"`{default}`"
            description = (field.description or "").replace("|", "\\|")
            parts.append(f"| `{variable_name(section, name)}` | {shown} | {description} |")
        parts.append("")
    return "\n".join(parts)
