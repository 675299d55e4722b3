"""The training of the weights that tell languages apart."""
