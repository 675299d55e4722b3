"""Where personal data lies in a platform: the data map is loaded and checked here."""

from pipelines.datamap.loader import load

__all__ = ["load"]
