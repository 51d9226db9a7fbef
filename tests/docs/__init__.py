"""README.md, CONTRIBUTING.md and docs/."""
