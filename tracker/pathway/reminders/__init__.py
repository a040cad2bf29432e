"""The life of every kind of reminder: what opens it, what settles it (section 5)."""
