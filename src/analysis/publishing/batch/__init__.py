"""The plan, its parameters, its runs and the build."""
