"""The volume of the originals."""

from schema.persistence import Persistence
from schema.section import Section


class Documents(Section):
    """The volume of the originals, which API and indexer share."""

    persistence: Persistence = Persistence(size="10Gi")
