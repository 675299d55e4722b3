"""What several flows have: a beginning, steps, chunks, keys, the people of requests, what they say and never say."""
