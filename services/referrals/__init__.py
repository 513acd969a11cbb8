"""The front door: takes in what happens to children's cases."""
