"""How requests get to Telegram: at its pace, perhaps through a proxy, and whether it is in reach."""
