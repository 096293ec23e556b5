"""The dossier: papers a municipality must have before and while it uses the program."""

from matcher.dossier.files import check_dossier, write_dossier
from matcher.dossier.filling import Dossier, dossier_of
from matcher.dossier.sources import Sources, at

__all__ = ["Dossier", "Sources", "at", "check_dossier", "dossier_of", "write_dossier"]
