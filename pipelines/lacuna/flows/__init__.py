"""The flows: one folder for each, called by its DAG and its command."""
