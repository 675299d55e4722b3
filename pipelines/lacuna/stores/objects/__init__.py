"""Files of the platform: in folders and in buckets."""
