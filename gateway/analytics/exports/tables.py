"""The tables of an export: which columns, of which kind, meaning what, and by which of them a row is known. Pure.

They are the records of migration 0014, column by column. ``SCHEMA_VERSION`` grows when a column goes or changes its
meaning; one more column does not count. Whoever reads must bear more columns, and has to take the row with the newest
``updated_at``, and of the same the highest ``revision``, where a key comes twice.

Refuses: figures, which are made of these (``gateway/analytics/kpis``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 1


class Kind(StrEnum):
    """What a column holds. Every one of them may be null, and null is never 0, false or an empty text."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    """A double."""
    TRUTH = "truth"
    MOMENT = "moment"
    """A point in time, in UTC, in microseconds."""
    JSON = "json"
    """A text that is JSON; in NDJSON the value itself."""


class Follows(StrEnum):
    """What decides whether a row has changed since an export."""

    CALL = "call"
    """The log of its call."""
    ITSELF = "itself"
    """What it is made of: the events of the tenant's floor, erasures."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table, made of the view of the same name; ``key``: the columns by which a row is known, tenant first."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    follows: Follows = Follows.CALL


def _table(name: str, *key: str, columns: str, follows: Follows = Follows.CALL) -> Table:
    """``columns``: a line for each, of name, kind and meaning; what every table has stands before and behind them."""
    own = [line.split(maxsplit=2) for line in columns.strip().splitlines()]
    told = [("tenant", "text", "whose row it is"), *own, *_BEHIND]
    return Table(
        name, ("tenant", *key), tuple(Column(name, Kind(kind), meaning) for name, kind, meaning in told), follows
    )


_BEHIND = (
    ("contact_started_at", "moment", "when the contact began (an agent's state: that state); its day is the partition"),
    ("updated_at", "moment", "the latest event that the row is made of; of two rows with one key the newer one counts"),
    ("revision", "integer", "of two with the same time the one with the higher revision counts"),
    ("schema_version", "integer", "of these columns"),
    ("is_redacted", "truth", "whether something was taken out of it: masked, replaced by a placeholder, or erased"),
)

_ALL = (
    _table(
        "contact",
        "contact",
        columns="""
        contact text id of the call
        previous_contact text the contact that this one goes back to, if we called because of it
        initiation text inbound or outbound
        channel text voice, or how else it came in
        line text which of the tenant's lines
        language text that it began in
        direction text inbound or outbound
        started_at moment it was offered
        answered_at moment it was taken
        ended_at moment it was over; null while it goes on
        end_reason text caller_hung_up, completed, transferred, refused, no_input, connection_lost, node_lost, …
        queue text that it waited in last
        enqueued_at moment it first began to wait for a person
        agent text the first who took it
        agent_joined_at moment they and the caller first heard each other
        waited_seconds number from the queue to the agent, or until it left the queue; null if it never waited
        abandoned truth whether the caller left the queue and nobody had come; null if it never waited
        callback_requested truth whether the caller wants to be called back
        talk_seconds number with an agent and not on hold; null without an agent
        hold_seconds number with an agent and on hold by the desk; null without an agent
        wrap_up_seconds number the agents' work after the call; null where none was filed
        escalation_reason text why a person was to take over
        transferred text target outside to which it was moved
        bot_only truth whether nobody but the bot had it; null if it was not taken
        resolved truth of the bot's alone: whether something shows that it was settled; null of others
        resolution_evidence text answer_heard (the last answer was heard to its end), action_succeeded (the last action)
        disposition text how the agent closed the case
        csat number the score that the caller gave
        customer text keyed hash of who called, where they are remembered; never the number itself
        summary_unedited truth whether the agent kept the summary as it was filled in
        turns integer times that the caller said something
        bot_seconds number with the bot
        silence_seconds number with the bot while neither spoke; null where no words' times are known
        overlap_seconds number in which both spoke
        caller_speech_seconds number the caller spoke, by the recognized words' times
        bot_speech_seconds number the bot was heard
        """,
    ),
    _table(
        "segment",
        *("contact", "segment"),
        columns="""
        contact text id of the call
        segment text its name within the contact
        kind text bot, queue, agent, supervisor or hold
        participant text the agent, the queue, or who held
        mode text of an agent: talk, whisper, listen
        started_at moment it began
        ended_at moment it was over
        ended_by text what ended it
        seconds number how long it lasted
        """,
    ),
    _table(
        "turn",
        *("contact", "turn"),
        columns="""
        contact text id of the call
        turn integer number of its first event in the call's log
        exchange integer which of the caller's turns it is, or answers
        reply integer which of the bot's replies
        speaker text caller, bot or agent
        agent text which agent
        said_at moment the turn was over (of the bot: was decided)
        language text it was said in
        text text of the caller as understood, of the bot as heard
        decided_text text what the bot meant to say
        complete truth whether the caller heard all of it
        silent truth whether the caller said nothing
        continues truth whether it goes on with the turn before
        decision text answer, clarify, act, escalate, converse
        expects text what the bot expects next
        confidence number of the recognition, or that the answer is right
        signals json what the confidence is made of
        citations json passages of the knowledge that the answer stands on
        latency_seconds number from the caller's last word to the bot's first sound
        stages json how the latency is made up, in seconds
        timings json of the dialog's parts, in seconds
        model text language model that made it, if any
        release text release of the dialog that made it: texts, prompts, policy
        synthetic truth whether it was spoken by a machine
        """,
    ),
    _table(
        "action",
        *("contact", "action"),
        columns="""
        contact text id of the call
        action text its idempotency key
        name text which of the tenant's actions
        risk text read_only, or how a change is secured
        proposed_at moment it was wanted
        confirmed_at moment the caller said yes
        declined_at moment the caller said no
        started_at moment it was about to be carried out
        ended_at moment its outcome was known
        outcome text succeeded, failed, unknown, declined
        error text why it failed
        seconds number it took
        arguments json without what is secret
        result json without what is secret
        reconciled truth whether its outcome was found out later
        """,
    ),
    _table(
        "offer",
        "offer",
        follows=Follows.ITSELF,
        columns="""
        contact text id of the call
        offer text its id
        item text the work item
        queue text of the item as it stands now
        agent text at whose desk it rang
        made_at moment it began to ring
        expires_at moment it would have ended by itself
        ended_at moment it ended
        state text pending, accepted, rejected, timeout, canceled, rescinded, device_error, caller_gone
        reason text why
        rang_seconds number how long it rang
        """,
    ),
    _table(
        "queue_event",
        "queue_event",
        follows=Follows.ITSELF,
        columns="""
        contact text id of the call
        queue_event integer number on the tenant's floor
        item text the work item
        happened_at moment it happened
        event text queued, requeued, offered, accepted, connected, wrap_up, completed, abandoned, overflowed, …
        queue text that it is in
        agent text who has it
        reason text why
        priority integer the higher goes first
        attempts integer offers so far
        enqueued_at moment it first began to wait
        answered_at moment the first agent took it
        since_enqueued_seconds number from then until this
        """,
    ),
    _table(
        "agent_state",
        "agent_state",
        follows=Follows.ITSELF,
        columns="""
        agent text who
        agent_state integer number on the tenant's floor
        name text as the desk calls them
        presence text offline, available, away
        reason text of the presence
        routing text idle, reserved, on_contact, wrap_up, not_responding
        item text what they have
        contact text its call
        started_at moment it began
        ended_at moment it was over; null while it is so
        seconds number how long
        """,
    ),
    _table(
        "assist",
        *("contact", "assist"),
        columns="""
        contact text id of the call
        assist text number of the card within the call
        kind text answer, nothing, action
        utterance text the caller's turn that it is about
        agent text who dealt with it
        shown_at moment it was shown
        text text of the card
        confidence number that it is right
        sources json documents and passages it stands on
        latency_seconds number from the caller's words until it was shown
        outcome text used, edited, dismissed; null if nothing was done with it
        outcome_at moment that was
        outcome_seconds number it had been shown until then
        used_text text what the agent made of it
        kept number share of its words that stayed
        """,
    ),
    _table(
        "disposition",
        *("contact", "disposition_id"),
        columns="""
        contact text id of the call
        disposition_id integer number in the call's log
        filed_at moment the case was closed
        agent text who closed it
        disposition text as what
        note text the agent's
        summary text as filed
        prefilled_summary text as it was filled in
        prefilled_disposition text that was filled in
        kept number share of the summary's words that stayed
        unedited truth whether nothing was changed
        seconds number it took after the call
        """,
    ),
    _table(
        "csat",
        *("contact", "question"),
        columns="""
        contact text id of the call
        question text which one
        rated text bot or person: whom they had spoken with
        asked_at moment it was asked
        answered_at moment it was answered; null if it was not
        score number 1 to 5; null if it was not answered
        answered_by text keys or words
        """,
    ),
    _table(
        "consent",
        *("contact", "consent"),
        columns="""
        contact text id of the call
        consent integer number in the call's log
        happened_at moment it happened
        event text asked, given, declined, assumed
        purpose text recording, processing, memory, message
        words text the caller's
        policy text the wording or policy behind it
        """,
    ),
    _table(
        "disclosure",
        *("contact", "disclosure"),
        columns="""
        contact text id of the call
        disclosure integer number in the call's log
        heard_at moment the caller had heard it
        language text it was said in
        version text the tenant's name for the wording
        sha256 text of the wording
        text text the wording
        reply integer the bot's reply that said it
        confirmed truth whether the far end said that it had played it
        """,
    ),
    _table(
        "quality",
        *("contact", "quality"),
        columns="""
        contact text id of the call
        quality integer number in the call's log
        happened_at moment it happened
        event text scored, overridden, appealed
        rubric text by which it was judged
        version text of the rubric
        score number 0 to 100
        passed truth whether that is enough
        agents json who is judged
        criteria json each with its verdict and the turns that show it
        criterion text that was overridden or appealed
        verdict text met, missed, not_applicable
        verdict_before text as it was
        judged_by text who overrode or appealed
        reason text theirs
        appeal text key of the appeal
        """,
    ),
    _table(
        "tombstone",
        "erasure",
        follows=Follows.ITSELF,
        columns="""
        contact text id of the call whose words are to be erased wherever they were copied to
        erasure text name of the erasure, and of its receipt
        erased_at moment they were erased here
        erased_by text caller, api, command, retention
        """,
    ),
)

TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}
"""By name."""
