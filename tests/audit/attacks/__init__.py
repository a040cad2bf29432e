"""What somebody can do to a record who owns the machine: the triggers are no hindrance to him.

Each attack changes the file and puts right whatever it knows to put right: positions, hashes,
SQLite's own counter. It has no private key.
"""

from tests.audit.attacks.events import (
    before_the_first,
    begin_anew,
    delete,
    delete_well,
    empty,
    exchange_episodes,
    exchange_episodes_well,
    garbage_well,
    insert,
    insert_roughly,
    move,
    rechain,
    relabel_well,
    reorder,
    reorder_well,
    repeat_id_well,
    rewrite,
    rewrite_well,
    skip_version_well,
    swap_patients,
    swap_patients_well,
    tidy,
    truncate,
    truncate_roughly,
)  # fmt: skip
from tests.audit.attacks.looks import (
    blame_another,
    blame_another_well,
    cut_off_looks,
    forget_what_was_given,
    hide_a_look,
    hide_a_look_well,
    rechain_looks,
    write_otherwise,
)  # fmt: skip
from tests.audit.attacks.making import (
    add_an_index,
    another_type,
    drop_a_guard,
    drop_the_looks,
    hide_a_look_by_index,
    hide_by_index,
    loosen_a_column,
    swallow,
    tame_a_guard,
    view_for_table,
)  # fmt: skip
from tests.audit.attacks.owner import Attack, head, opened, owned, unguarded
from tests.audit.attacks.shelf import another_protocol, another_protocol_well, forget_a_protocol
from tests.audit.attacks.wholesale import roll_back, write_anew

__all__ = [
    "MAKING", "ROUGH", "SKILLED", "Attack", "head", "opened", "owned", "rechain", "rechain_looks",
    "tidy", "unguarded",
]  # fmt: skip

MAKING: tuple[Attack, ...] = (
    hide_by_index, hide_a_look_by_index, swallow, drop_a_guard, tame_a_guard, view_for_table,
    drop_the_looks, loosen_a_column, add_an_index, another_type,
)  # fmt: skip
"""Attacks on how the tables are made; they show without any checkpoint."""
ROUGH: tuple[Attack, ...] = (
    delete, truncate_roughly, insert_roughly, before_the_first, reorder, swap_patients,
    exchange_episodes, rewrite, hide_a_look, blame_another, another_protocol,
    forget_what_was_given, write_otherwise,
)  # fmt: skip
"""Attacks that show without any checkpoint."""
SKILLED: tuple[Attack, ...] = (
    delete_well, truncate, insert, reorder_well, swap_patients_well, exchange_episodes_well, move,
    rewrite_well, relabel_well, skip_version_well, repeat_id_well, garbage_well, begin_anew, empty,
    hide_a_look_well, cut_off_looks, blame_another_well, another_protocol_well, forget_a_protocol,
    roll_back, write_anew,
)  # fmt: skip
"""Attacks that put right what they can; most of them show against a checkpoint alone."""
