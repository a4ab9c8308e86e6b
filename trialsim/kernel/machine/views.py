"""The records of `trialsim.kernel.state.records` as compiled code sees them: ``function(address, index)``."""

from __future__ import annotations

from trialsim.kernel.language import records
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import (
    Answer,
    Block,
    Cohort,
    Distribution,
    End,
    Event,
    Grid,
    Level,
    Link,
    List,
    Lot,
    Person,
    Piece,
    Site,
    Slot,
    Step,
    Tally,
)

state_at = records(State)
person_at = records(Person)
lot_at = records(Lot)
end_at = records(End)
site_at = records(Site)
piece_at = records(Piece)
distribution_at = records(Distribution)
block_at = records(Block)
level_at = records(Level)
answer_at = records(Answer)
cohort_at = records(Cohort)
tally_at = records(Tally)
event_at = records(Event)
grid_at = records(Grid)
list_at = records(List)
link_at = records(Link)
slot_at = records(Slot)
step_at = records(Step)
