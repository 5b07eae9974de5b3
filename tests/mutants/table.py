"""All mutants, by where they are."""

from tests.mutants.chart import CHART
from tests.mutants.database import DATABASE
from tests.mutants.edges import EDGES
from tests.mutants.embedder import EMBEDDER
from tests.mutants.originals import ORIGINALS
from tests.mutants.parsing import PARSING
from tests.mutants.web import WEB

MUTANTS = (*ORIGINALS, *DATABASE, *PARSING, *CHART, *EMBEDDER, *EDGES, *WEB)
