"""What is kept from replication to replication. `trialsim.kernel.engine` fills it in, and makes room."""

from __future__ import annotations


class Memory:
    """What is kept from replication to replication: which is under way, and where there is room for what."""

    seed: int
    replication: int
    doing: int
    """What the kernel is at: the kind of an event, or one of the codes after those."""
    detailed: int
    """Whether the table of participants is wanted."""
    round: int
    """How many replications have begun: blocks of random numbers with another number are of earlier ones."""
    leaves_a_day: float = 1.0

    # People and lots, those of one replication behind those of the one before
    people_at: int
    people_room: int
    lots_at: int
    lots_room: int

    steps_at: int
    """The steps of all paths in one replication; the first is its start."""
    steps_room: int

    # What a replication begins with is copied over its progress and what follows that in memory, down to `slots_at`
    beginning_at: int
    progress_at: int
    progress_words: int
    lists_at: int
    scheduled_at: int
    """How many events each phase has had."""
    marks_at: int
    """A bit for each leaf of the calendar that is not empty."""
    tallies_at: int
    slots_at: int
    slots_room: int

    # What people, lots and cohorts begin with
    new_person_at: int
    new_lot_at: int
    new_cohort_at: int

    # Room for the rest
    sites_at: int
    blocks_at: int
    """The latest `Block` of each site and stream."""
    links_at: int
    links_room: int
    """For each list, in how many people there is room for."""
    calendar_at: int
    """The events of the present leaf, as a heap."""
    put_by_at: int
    """Events for later."""
    calendar_room: int
    leaves_at: int
    """Which event for later lies on top of each leaf."""
    cohorts_at: int
    completed_at: int
    """The cohorts as they might turn out."""
    cohorts_room: int
    completed_tallies_at: int
    """The tallies as they might turn out."""

    # What the rule needs
    thresholds_at: int
    """By number of evaluable participants, from how many DLTs on a level is too toxic."""
    thresholds: int
    """How many there are; 0 under a rule that eliminates no levels by a table."""
    answers_at: int
    answers_room: int
    answer_keys_at: int
    """For each answer the question, as at `question_at`."""
    question_at: int
    """What has to be worked out: the current level, then of each level how many are evaluable and how many DLTs."""
    grids_at: int
    grids: int
    rows_at: int
    """Rows of numbers, one for each point of a grid, that `trialsim.kernel.rules.curve` works with."""
    rows_room: int
