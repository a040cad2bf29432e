"""What goes with a record into a bundle: checkpoints, keys, the verifier, and how to use them."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from tracker.audit.bundle import contents
from tracker.audit.checkpoint import Signed
from tracker.audit.note import PrivateKey, PublicKey

_IN_THE_SOURCES = Path(__file__).parents[3] / "scripts" / contents.VERIFIER


def accompany(folder: Path, checkpoints: Iterable[Signed], key: PrivateKey | None) -> None:
    """Write into a bundle all that is not the record itself."""
    place = folder / contents.CHECKPOINTS
    place.mkdir()
    for signed in checkpoints:
        (place / signed.name).write_bytes(signed.note)
    if key is not None:
        (folder / contents.PUBLIC_KEY).write_text(f"{key.public}\n")
        (folder / contents.PUBLIC_KEY_PEM).write_bytes(_pem(key.public))
    (folder / contents.VERIFIER).write_bytes(verifier())
    text = resources.files("tracker.audit.bundle").joinpath("readme.txt").read_bytes()
    (folder / contents.README).write_bytes(text)


def verifier() -> bytes:
    """Return the independent verifier, as it is installed beside the program."""
    installed = resources.files("tracker.audit").joinpath(contents.VERIFIER)
    return installed.read_bytes() if installed.is_file() else _IN_THE_SOURCES.read_bytes()


def _pem(key: PublicKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = Ed25519PublicKey.from_public_bytes(key.raw)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
