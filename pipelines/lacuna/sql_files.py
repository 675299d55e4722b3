"""Where the SQL and the data maps lie that belong to the code.

In a checkout they lie beside the package; a wheel brings them inside it.
"""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent

_INSIDE: Final = _PACKAGE / "sql"

SQL_FOLDER: Final = _INSIDE if _INSIDE.is_dir() else _PACKAGE.parents[1] / "sql"
