"""Everything the bot remembers. SQL lives here and nowhere else."""
