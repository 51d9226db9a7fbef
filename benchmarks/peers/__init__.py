"""Other systems that do the worker's job, each written as in its documentation; a process each, ended by SIGTERM."""
