"""Routes of keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path

from mirage import keys
from mirage.api import wire
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, require, require_all_projects
from mirage.errors import InvalidName, KeyExists, KeyNotFound, ProjectNotFound
from mirage.model import Scope
from mirage.projects import find_project

# A key for some projects could otherwise create a key for all.
router = APIRouter(
    prefix="/keys",
    tags=["keys"],
    dependencies=[require(Scope.ADMIN), Depends(require_all_projects)],
)


KeyId = Annotated[UUID, Path(description="Id of the key.")]


@router.post(
    "",
    status_code=201,
    summary="Create a key",
    responses=raises(InvalidName, KeyExists, ProjectNotFound),
)
async def create(body: wire.NewKey, state: AppState) -> wire.CreatedKey:
    """Returns the token, which cannot be shown again. Answers 409 if the name is in use."""
    projects = None
    if body.projects is not None:
        projects = [(await find_project(state.database, name)).id for name in body.projects]
    key, token = await keys.create_key(
        state.database, body.name, body.scope, projects, body.expires_at
    )
    return wire.CreatedKey(**wire.Key.model_validate(key).model_dump(), token=token)


@router.get("", summary="List keys")
async def list_all(state: AppState) -> wire.KeyList:
    """Lists keys by name, without their tokens."""
    found = await keys.list_keys(state.database)
    return wire.KeyList(keys=[wire.Key.model_validate(item) for item in found])


@router.delete("/{key}", status_code=204, summary="Revoke a key", responses=raises(KeyNotFound))
async def revoke(key: KeyId, state: AppState) -> None:
    """Revokes a key at once; its open event streams end within seconds."""
    await keys.revoke_key(state.database, key)
