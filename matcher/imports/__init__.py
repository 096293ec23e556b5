"""Files that a team has saved from elsewhere, as tables: vacancies, wishes, occupations, ways.

Nothing is fetched. What an ad does not say comes from the profile of its occupation and is marked
as assumed, until an employer has confirmed it; what to ask whom falls out beside the tables.
"""

from matcher.imports.importing import KINDS, Imported, ImportRequest, Kind, import_files

__all__ = ["KINDS", "ImportRequest", "Imported", "Kind", "import_files"]
