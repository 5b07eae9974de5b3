"""Routes of projects."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from mirage.api import wire
from mirage.api.http.openapi import raises
from mirage.api.state import (
    AppState,
    PathProject,
    RequestAccess,
    require,
    require_all_projects,
)
from mirage.api.wire.base import storable
from mirage.db.listing import summarise
from mirage.db.projects import list_projects
from mirage.errors import InvalidName, ProjectExists
from mirage.model import Scope
from mirage.names import MAX_DOCUMENT_BYTES, to_nfc
from mirage.projects import create_project, delete_project, rename_project

router = APIRouter(prefix="/projects", tags=["projects"])


@router.post(
    "",
    status_code=201,
    summary="Create a project",
    dependencies=[require(Scope.WRITE), Depends(require_all_projects)],
    responses=raises(InvalidName, ProjectExists),
)
async def create(body: wire.NewProject, state: AppState) -> wire.Project:
    """Creates a project. Answers 409 if the name is in use. Needs a key for all projects."""
    return wire.Project.model_validate(await create_project(state.database, body.name))


@router.get("", summary="List projects")
async def list_all(state: AppState, access: RequestAccess) -> wire.ProjectList:
    """Lists the projects that the key may see, by name."""
    async with state.database.transaction() as connection:
        found = await list_projects(connection)
    return wire.ProjectList(
        projects=[wire.Project.model_validate(item) for item in found if access.sees(item.id)]
    )


@router.get("/{project}", summary="Get a project")
async def get(project: PathProject) -> wire.Project:
    """Returns a project by name or id."""
    return wire.Project.model_validate(project)


@router.get("/{project}/summary", summary="Count the documents of a project")
async def summary(
    project: PathProject,
    state: AppState,
    folder: Annotated[
        str,
        Query(
            max_length=MAX_DOCUMENT_BYTES,
            description="Count only documents whose names begin so, such as `pumps/`.",
        ),
        AfterValidator(storable),
    ] = "",
) -> wire.ProjectSummary:
    """Counts documents per status, their passages, and the folders in their names."""
    async with state.database.transaction() as connection:
        found = await summarise(connection, project.id, to_nfc(folder))
    return wire.ProjectSummary.model_validate(found)


@router.patch(
    "/{project}",
    summary="Rename a project",
    # Names are unique among all projects: the answer reveals whether a hidden project has the name.
    dependencies=[require(Scope.ADMIN), Depends(require_all_projects)],
    responses=raises(InvalidName, ProjectExists),
)
async def rename(project: PathProject, body: wire.RenamedProject, state: AppState) -> wire.Project:
    """Renames a project; id, documents and keys do not change. Answers 409 if the name is in use.

    Names are unique among all projects, so this needs a key for all projects.
    """
    renamed = await rename_project(state.database, project, body.name)
    return wire.Project.model_validate(renamed)


@router.delete(
    "/{project}",
    status_code=204,
    summary="Delete a project",
    dependencies=[require(Scope.ADMIN)],
)
async def delete(project: PathProject, state: AppState) -> None:
    """Deletes a project with its documents, their files and vectors."""
    await delete_project(state.database, state.store, project)
