"""A Bot API server on this machine, with people to talk to and a chat page; it knows the Bot API, not one bot."""
