"""Ouistop: a two-way SMS keyword chatbot server. OUI to join, STOP to leave."""

__version__ = "0.1.0"
