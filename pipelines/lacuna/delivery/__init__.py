"""Delivery: people download their bundles by a one-time link and a code from another channel."""

from lacuna.delivery.app import create_delivery
from lacuna.delivery.visits import Bounds

__all__ = ["Bounds", "create_delivery"]
