"""Record formats: where the id and the text of a tweet stand in the records of other people's topics."""
