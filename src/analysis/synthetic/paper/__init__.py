"""The paperwork of the synthetic province: from what happened to the tables of a registry."""
