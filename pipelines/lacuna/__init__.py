"""Rights of data subjects as batch jobs: what happens to their data, and the proof of it."""
