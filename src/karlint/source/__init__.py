"""Text to documents as the API server reads them, and the positions of everything in them."""

from karlint.source.commented import commented_documents
from karlint.source.load import load_file
from karlint.source.loaded import Head, Limits, LoadedDocument, LoadedFile
from karlint.source.positions import Positions
from karlint.source.several import load_files

__all__ = [
    "Head",
    "Limits",
    "LoadedDocument",
    "LoadedFile",
    "Positions",
    "commented_documents",
    "load_file",
    "load_files",
]
