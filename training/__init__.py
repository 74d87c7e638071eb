"""From the public data sets to models/. The only room that knows torch; nobody imports it."""
