"""What do the events of a case imply? Its state, visits, seats, findings and targets, from the events alone.

A pure fold: no database, no clock. That it gives the stored rows is the proof that they can be rebuilt at any time.
"""

from service.projections.following import follow, project
from service.projections.projection import Projection

__all__ = ["Projection", "follow", "project"]
