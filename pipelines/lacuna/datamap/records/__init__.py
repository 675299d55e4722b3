"""What a data map amounts to for people: the records of processing activities, and a listing."""
