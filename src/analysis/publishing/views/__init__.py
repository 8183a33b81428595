"""Protected rows to figures, tables and sentences, one file a question."""
