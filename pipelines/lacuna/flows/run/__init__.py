"""What every flow has: how it begins, its steps, its chunks, what it says and what it never says."""
