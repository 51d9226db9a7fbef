"""What the images install."""
