"""Others than the worker that do its work, each as its makers tell users to; a process each, ended by SIGTERM."""
