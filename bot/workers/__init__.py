"""The pool of processes that look at photos, and what such a process may do."""
