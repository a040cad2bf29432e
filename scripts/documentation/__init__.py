"""The documents made from the declarations, so that they cannot drift from the program."""
