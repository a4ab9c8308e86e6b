"""The SimPy model: one file a layer, read like a protocol. This is the specification of what trialsim simulates."""

from trialsim.model.records import History, Lot, Participant
from trialsim.model.trial import Trial, run

__all__ = ["History", "Lot", "Participant", "Trial", "run"]
