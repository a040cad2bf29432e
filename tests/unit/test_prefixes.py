"""Ids, shortened for eyes."""

from tracker.prefixes import short_names, shortened

ONE = "51b31a6c-2005-4ed3-9a6e-72b91333bc1c"
NEAR = "51b31a6c-2005-4ed3-9a6e-000000000000"
OTHER = "55e7d67e-ae6a-44a9-a89c-5bc7a0187b4d"


def test_eight_letters_tell_most_ids_apart() -> None:
    """What a client chose is left whole: people know it so."""
    names = {ONE: "51b31a6c", OTHER: "55e7d67e", "op": "op"}
    assert short_names([ONE, OTHER, "op", ONE]) == names


def test_ids_that_begin_alike_get_more_letters() -> None:
    """A short name belongs to one id only."""
    names = short_names([ONE, NEAR])
    assert len(set(names.values())) == 2
    assert all(name.startswith(short) for name, short in names.items())


def test_ids_in_a_text_are_shortened() -> None:
    """Known ids get their names; one that is not known stays as it is."""
    text = f"superseded by {ONE}, not {OTHER}"
    assert shortened(text, short_names([ONE])) == f"superseded by 51b31a6c, not {OTHER}"
