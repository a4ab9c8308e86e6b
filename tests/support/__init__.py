"""What tests share: random scenarios, checks of whole histories, exact answers, small tables."""
