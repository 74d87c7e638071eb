"""The dermatologists: the lists, what moderators changed of them, and where a place lies."""
