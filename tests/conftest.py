"""Properties are checked on the same examples everywhere, whatever the machine's load."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "study", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("study")
