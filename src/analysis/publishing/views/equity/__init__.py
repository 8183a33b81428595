"""Who is sent and who rises: views of groups beside their reference."""
