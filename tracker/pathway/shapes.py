"""What the names in a protocol file look like, in words."""

_SHAPES = {
    "id": "an id has small letters, digits and dashes, such as csf-leak",
    "version": "a version begins with a digit, such as 1-site",
}


def in_words(problem: str) -> str:
    """Return what is wrong with a file, with the shape of a name in place of its pattern."""
    what, _, place = problem.partition(" - at ")
    shape = _SHAPES.get(place.strip("`").removeprefix("$."))
    return f"{shape} - at {place}" if shape and "regex" in what else problem
