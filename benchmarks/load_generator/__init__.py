"""An open-loop load generator: it sends tweets at planned times, however slow the system under test is."""
