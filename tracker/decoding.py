"""Reading values of declared types, from any number of threads at once.

msgspec puts together what it knows of a type when that type is first used. A second thread that
uses the type before this is done meets half of it, and the process ends (msgspec 0.22). So whoever
reads a type does it through here, where one thread at a time puts one together.
"""

from threading import Lock
from typing import Any, TypeVar, overload

import msgspec
from msgspec.json import Decoder

_T = TypeVar("_T")
_decoders: dict[Any, Decoder[Any]] = {}
"""By type."""
_building = Lock()


@overload
def decoder(kind: type[_T]) -> Decoder[_T]: ...
@overload
def decoder(kind: Any) -> Decoder[Any]: ...
def decoder(kind: Any) -> Decoder[Any]:
    """Return what reads a type from JSON."""
    found = _decoders.get(kind)
    if found is None:
        with _building:
            found = _decoders[kind] = Decoder(kind)
    return found


@overload
def decode(raw: bytes | str, kind: type[_T]) -> _T: ...
@overload
def decode(raw: bytes | str, kind: Any = ...) -> Any: ...
def decode(raw: bytes | str, kind: Any = Any) -> Any:
    """Read a value from JSON, of a type or of any.

    Raises msgspec.DecodeError for what is not JSON, msgspec.ValidationError for another type.
    """
    return decoder(kind).decode(raw)


@overload
def convert(value: Any, kind: type[_T]) -> _T: ...
@overload
def convert(value: Any, kind: Any) -> Any: ...
def convert(value: Any, kind: Any) -> Any:
    """Return a value of plain types as one of a declared type.

    Raises msgspec.ValidationError where it cannot be one.
    """
    decoder(kind)
    return msgspec.convert(value, kind)
