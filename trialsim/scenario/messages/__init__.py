"""What is said of a scenario that is wrong: problems, words, and pydantic's findings in plain words."""
