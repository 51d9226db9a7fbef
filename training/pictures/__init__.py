"""Pictures of data, models and cascades, drawn with matplotlib."""
