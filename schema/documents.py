"""The volume of the originals."""

from schema.persistence import Persistence
from schema.section import Section


class Documents(Section):
    """The volume for the original files, shared by API and indexer."""

    persistence: Persistence = Persistence(size="10Gi")
