"""The volume of the originals."""

from schema.persistence import Persistence
from schema.section import Section


class Documents(Section):
    """The volume for the original files, shared by API and indexer; not with
    `config.documents.storage` s3."""

    persistence: Persistence = Persistence(size="10Gi")
