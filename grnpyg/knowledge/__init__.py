"""Knowledge: facts about genes from outside the labels, one source a file, and how they enter a graph."""

from grnpyg.knowledge.atlas import Atlas
from grnpyg.knowledge.attach import KnowledgeExtension, extension, knowledge_hashes
from grnpyg.knowledge.base import Facts, KnowledgeSource, knowledge
from grnpyg.knowledge.cells import Cells
from grnpyg.knowledge.gene_sets import GeneSets
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.go import GeneOntology
from grnpyg.knowledge.motif_sets import MotifSets
from grnpyg.knowledge.pfam import Pfam
from grnpyg.knowledge.position import Position
from grnpyg.knowledge.specs import described
from grnpyg.knowledge.tables import MissingError
from grnpyg.knowledge.tf_family import TFFamily
from grnpyg.knowledge.tissues import Tissues
from grnpyg.knowledge.vectors import GeneVectorFile

__all__ = [
    "Atlas",
    "Cells",
    "Facts",
    "GeneOntology",
    "GeneSets",
    "GeneVectorFile",
    "Genes",
    "KnowledgeExtension",
    "KnowledgeSource",
    "MissingError",
    "MotifSets",
    "Pfam",
    "Position",
    "TFFamily",
    "Tissues",
    "described",
    "extension",
    "knowledge",
    "knowledge_hashes",
]
