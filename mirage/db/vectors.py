"""How vectors travel to PostgreSQL: as `pgvector.HalfVector`, in binary."""

from typing import Any

from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def send_vectors_in_binary(connection: AsyncConnection) -> None:
    """Let the driver send `halfvec` in binary on this connection; three round trips, once for it.

    From then on a parameter that is a `halfvec` must be a HalfVector. This is not done when the
    connection is made, because the extension may not be there before the migration.
    """
    if connection.info.get("vectors_in_binary"):
        return
    schema = await connection.scalar(
        text(
            """
            SELECT n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
             WHERE t.oid = 'halfvec'::regtype
            """
        )
    )
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.set_type_codec(
        "halfvec",
        schema=schema,
        encoder=HalfVector.to_binary,
        decoder=HalfVector.from_binary,
        format="binary",
    )
    connection.info["vectors_in_binary"] = True
