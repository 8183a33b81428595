"""What an effect must survive before it is said: placebo, variants, balance, sensitivity, and the verdict."""
