"""What became of those who were sent, and what is needed, planned, done and owed."""
