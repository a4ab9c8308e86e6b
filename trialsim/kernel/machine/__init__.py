"""What the layers stand on: the calendar, lists of people, random numbers."""
