"""Fixtures of stage `apply`: a small shop in a database of its own."""

from tests.shop import shop, shop_datamap, still_shop

__all__ = ["shop", "shop_datamap", "still_shop"]
