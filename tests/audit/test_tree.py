"""The tree over hashes, as RFC 6962 defines it."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from scripts import verify_audit as independent
from tracker.audit.tree import Tree, leaf, node, paths, root_of

LEAVES = [sha256(bytes([number])).digest() for number in range(70)]


def defined(leaves: list[bytes]) -> bytes:
    """Return the root by the words of the RFC: split at the largest power of two below."""
    if len(leaves) < 2:
        return leaf(leaves[0]) if leaves else sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(defined(leaves[:split]), defined(leaves[split:]))


def root(leaves: list[bytes]) -> bytes:
    """Return the root of a tree that grew."""
    tree = Tree()
    tree.grow(leaves)
    return tree.root()


def test_roots_are_as_defined() -> None:
    """Of every size, also where it is no power of two; the independent verifier agrees."""
    sizes = range(len(LEAVES) + 1)
    roots = {size: root(LEAVES[:size]) for size in sizes}
    assert roots == {size: defined(LEAVES[:size]) for size in sizes}
    assert roots == independent.tree_roots(LEAVES, sizes)


def test_a_tree_can_grow_on() -> None:
    """In parts it comes to the same."""
    tree = Tree()
    for first in range(0, 70, 9):
        tree.grow(LEAVES[first : first + 9])
        assert tree.root() == defined(LEAVES[: tree.size])


@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root(size: int, data: st.DataObject) -> None:
    """From each leaf, and by no other length of path or place."""
    index = data.draw(st.integers(0, size - 1))
    path = paths(LEAVES[:size], [index])[index]
    assert root_of(LEAVES[index], index, size, path) == defined(LEAVES[:size])
    assert independent.root_by_path(LEAVES[index], index, size, path) == defined(LEAVES[:size])
    assert root_of(LEAVES[index], index, size, [*path, LEAVES[0]]) is None
    assert root_of(LEAVES[index], size, size, path) is None
    for other in set(range(size)) - {index}:
        assert root_of(LEAVES[other], index, size, path) != defined(LEAVES[:size])


@given(st.integers(2, 70), st.data())
def test_a_changed_path_leads_elsewhere(size: int, data: st.DataObject) -> None:
    """Each hash of it matters, for both verifiers."""
    index = data.draw(st.integers(0, size - 1))
    path = paths(LEAVES[:size], [index])[index]
    step = data.draw(st.integers(0, len(path) - 1))
    wrong = [*path[:step], bytes(32), *path[step + 1 :]]
    for follow in (root_of, independent.root_by_path):
        assert follow(LEAVES[index], index, size, wrong) != defined(LEAVES[:size])
        assert follow(LEAVES[index], index, size, path[:-1]) is None
