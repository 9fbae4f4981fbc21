"""Opens the storage of a node, and the keys of what is sealed, as the settings say, and closes them in the right order.

Without a URL: an embedded server, supervised; its superuser migrates, the role ``aicc`` works. With a URL: its role
does the work and must be bound by row level security; the schema is migrated by ``migration_url`` when one is given,
else by the same role, which then must be allowed to create tables.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from infra.errors import ConfigError
from infra.settings import DatabaseSettings
from infra.storage.database import Database, refuse_powerful_role
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.key_file import FILE, FileKeyRing
from infra.storage.key_ring import KeyRing, Rings
from infra.storage.key_service import TransitKeyRing
from infra.storage.migrate import migrate
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys
from infra.storage.supervisor import Supervisor


@asynccontextmanager
async def open_storage(settings: DatabaseSettings, state_directory: Path) -> AsyncIterator[Database]:
    """The database, migrated and open. Raises ``ConfigError`` for a URL or a role that will not do."""
    async with AsyncExitStack() as stack:
        if settings.url is None:
            url = await _embedded(stack, state_directory / "postgres")
        else:
            url = await _external(settings.url, settings.migration_url)
        database = Database(url, settings.pool_size)
        stack.push_async_callback(database.close)
        await database.open()
        yield database


@asynccontextmanager
async def open_key_ring(settings: KeySettings, state_directory: Path) -> AsyncIterator[KeyRing]:
    """The ring in a key service where one is set, else the one in a file, which is there from then on. Raises
    ``ConfigError``."""
    ring: KeyRing = FileKeyRing(settings.file or state_directory / FILE)
    if settings.transit_url is None:
        await ring.current()
    else:
        if settings.transit_token is None:
            raise ConfigError("AICC_KEYS_TRANSIT_URL needs AICC_KEYS_TRANSIT_TOKEN: the key service asks who we are")
        token = settings.transit_token.get_secret_value()
        service = TransitKeyRing(settings.transit_url, settings.transit_key, token, mount=settings.transit_mount)
        ring = Rings(service, ring)
    try:
        yield ring
    finally:
        await ring.close()


@asynccontextmanager
async def open_subject_keys(
    settings: KeySettings, database: Database, state_directory: Path
) -> AsyncIterator[SubjectKeys]:
    """Contacts' keys, wrapped by the ring that is set. Raises ``ConfigError``."""
    async with open_key_ring(settings, state_directory) as ring:
        yield SubjectKeys(database, ring)


async def _embedded(stack: AsyncExitStack, directory: Path) -> str:
    server = EmbeddedPostgres(directory)
    stack.push_async_callback(server.stop)
    await server.start()
    supervisor = Supervisor(server)
    stack.push_async_callback(supervisor.stop)
    supervisor.start()
    await server.ensure_database()
    await migrate(server.url(SUPERUSER, DATABASE), APPLICATION_ROLE)
    return server.url()


async def _external(url: str, migration_url: str | None) -> str:
    role = conninfo_to_dict(url).get("user")
    if not role:
        raise ConfigError("AICC_DATABASE_URL must name the role to work with: postgresql://ROLE:PASSWORD@HOST/DATABASE")
    await refuse_powerful_role(url)
    await migrate(migration_url or url, str(role))
    return url
