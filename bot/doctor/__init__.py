"""`python -m bot doctor`: looks at everything that the bot stands on, and says how to mend it."""
