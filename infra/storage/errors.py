"""What can go wrong with what we keep, by name."""

from __future__ import annotations

from infra.errors import AiccError, ConfigError


class StorageError(AiccError):
    """Any failure of storage."""

    code = "storage_error"


class DatabaseUnavailable(StorageError):
    """The database cannot be reached, is too busy, or went away in the middle: whether a commit took place is unknown.

    What was being done may be tried again if it is idempotent.
    """

    code = "storage_unavailable"


class StatementTimedOut(StorageError):
    """A statement or a lock took longer than we are willing to wait; the transaction was rolled back."""

    code = "storage_timed_out"


class AccessRefused(StorageError):
    """The database refused: the row belongs to another tenant, no tenant is set, or a right is missing."""

    code = "storage_access_refused"


class ConstraintBroken(StorageError):
    """A row that is there already, or one that a rule of the schema does not allow."""

    code = "storage_constraint"


class ValueNotHeld(StorageError):
    """A value that no column can hold, such as text with NUL."""

    code = "storage_value_not_held"


class RoleTooPowerful(ConfigError):
    """The role that the work is done with could see every tenant's rows."""

    code = "storage_role_too_powerful"


class MigrationError(StorageError):
    """The schema cannot be brought up to date: a migration changed, is missing, out of order, or failed."""

    code = "storage_migration"


class EmbeddedPostgresMissing(ConfigError):
    """No PostgreSQL binaries are installed and no database URL is configured."""

    code = "storage_embedded_missing"


class EmbeddedPostgresFailed(StorageError):
    """The embedded PostgreSQL does not start or stop; the message ends with the last lines of its log."""

    code = "storage_embedded_failed"


class SealBroken(StorageError):
    """Something sealed does not open: it was changed, cut, moved, or sealed with another key."""

    code = "storage_seal_broken"


class KeyUnavailable(StorageError):
    """A key that wraps others is not to be had: its service does not answer, or the ring does not hold it."""

    code = "storage_key_unavailable"


class KeyNeeded(StorageError):
    """A key of the ring cannot be let go: it is the current one, or something is wrapped by it."""

    code = "storage_key_needed"


class KeyShredded(StorageError):
    """The key of this contact was destroyed on purpose: what was sealed with it cannot be read any more, by anybody."""

    code = "storage_key_shredded"
