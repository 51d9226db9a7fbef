"""How a cascade keeps its promise on a stream that turns to other tweets and back."""
