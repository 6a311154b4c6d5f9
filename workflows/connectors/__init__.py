"""Calls to systems of other bodies: only those that the operator listed, never into the own network."""

from workflows.connectors.catalogue import Connector, UnknownConnector, connector
from workflows.connectors.guard import Refused, Unavailable
from workflows.connectors.mapping import read_values

__all__ = ["Connector", "Refused", "Unavailable", "UnknownConnector", "connector", "read_values"]
