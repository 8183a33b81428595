"""Two or more arms of people treated once: weighting and standardisation by a design matrix."""
