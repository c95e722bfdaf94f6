"""Room for what visitors send: an amount of memory that all sessions on this server share.

Each upload has limits of its own; this one holds for all of them together, so that many visitors at
once do not fill a small machine. Nothing has to be handed back: what nobody holds any more, because it
was replaced or its session has ended, takes no room.
"""

import threading
import weakref
from contextlib import suppress

from streamlit.runtime import get_instance

from ui import collect_garbage
from ui.text import _

MOST = 120 * 2**20  # bytes, of what was sent and is held ready, in all sessions together


class NoRoomError(ValueError):
    """There is no room for this now; the message says how much there is, and what to try."""


class Room:
    """How much of an amount of memory is taken, and by what.

    Parameters
    ----------
    most : int
        Bytes.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._taken: list[tuple[weakref.ref[object], int]] = []

    @property
    def free(self) -> int:
        """How many bytes are free now."""
        with self._lock:
            return self._free()

    def _free(self) -> int:
        self._taken = [(thing, size) for thing, size in self._taken if thing() is not None]
        return self.most - sum(size for _thing, size in self._taken)

    def take(self, thing: object, size: int, instead: str, of: object = None) -> None:
        """Take room for a thing, for as long as it lives.

        Parameters
        ----------
        thing : object
            One to which there can be weak references.
        size : int
            Bytes.
        instead : str
            A sentence that says what to send in its place, for where there is no room.
        of : object, optional
            What had taken room for it until now, and gives it up.

        Raises
        ------
        NoRoomError
            If it does not fit; then nothing has changed.
        """
        if not self._took(thing, size, of):
            _forget_who_left()
            if not self._took(thing, size, of):
                raise NoRoomError(no_room(size, self.free, self.most, instead))

    def _took(self, thing: object, size: int, of: object) -> bool:
        with self._lock:
            free = self._free()
            own = [each for each in self._taken if of is not None and each[0]() is of]
            if size > free + sum(size for _thing, size in own):
                return False
            self._taken = [each for each in self._taken if each not in own]
            self._taken.append((weakref.ref(thing), size))
            return True


def _forget_who_left() -> None:
    """Let go of sessions whose time is over, which Streamlit by itself does when the next one ends.

    It has no public way to ask for that; where this one leads nowhere, they go with that next one.
    """
    done = threading.Event()

    def forget() -> None:
        sessions.expire()
        done.set()

    with suppress(AttributeError, RuntimeError):
        runtime = get_instance()
        sessions = runtime._session_mgr._session_storage._cache
        loop = runtime._get_async_objs().eventloop  # in whose thread they are kept
        loop.call_soon_threadsafe(forget)
        done.wait(0.5)
    collect_garbage(everything=True)


def no_room(size: int, free: int, most: int, instead: str) -> str:
    """Say that something does not fit, and what to try."""
    return _(
        "There is no room for this now: it takes {size:.1f} MB, and of the {most:.0f} MB that all "
        "visitors of this server share {free:.1f} MB are free. {instead} Or try again in a few "
        "minutes, or on a machine of your own, where nobody else takes room."
    ).format(size=size / 2**20, most=most / 2**20, free=max(free, 0) / 2**20, instead=instead)


ROOM = Room(MOST)
