"""Activities that repeat: standard loops, and instances one after another or side by side."""

from __future__ import annotations

from abc import abstractmethod

from perfflow.workflow.definitions.elements import Loop
from perfflow.workflow.engine.joins import Joining
from perfflow.workflow.engine.rests import element_key
from perfflow.workflow.engine.tokens import Frame, Token


class Looping(Joining):
    """A token at a repeating activity holds one frame for each instance that runs.

    ``loop`` in its notes counts instances: all, begun, completed. Variables of the loop live in a
    scope of their own (``body``), those of an instance in one below it.
    """

    def begin_loop(self, token: Token) -> None:
        """A token has come to an activity that repeats."""
        element, loop = token.element, _loop(token)
        body = self.free_scope(token.scope, element.id)
        token.notes.pop("via", None)
        token.notes["body"] = body.removeprefix(token.scope).removeprefix("/")
        token.is_resting = True
        total = self.ask("begin_loop", element, token.scope, body)
        token.notes["loop"] = [total, 0, 0]
        if loop.kind == "standard":
            if loop.is_tested_before and not self._goes_on(token, loop, 0):
                self._end_loop(token)
            else:
                self._begin_instance(token)
        elif total == 0:
            self._end_loop(token)
        else:
            for _ in range(total if loop.kind == "parallel" else 1):
                self._begin_instance(token)

    def _begin_instance(self, token: Token) -> None:
        total, begun, done = token.notes["loop"]
        token.notes["loop"] = [total, begun + 1, done]
        body = element_key(token.scope, token.notes["body"])
        scope = f"{body}/#{begun + 1}"
        self.ask("count_instances", body, total, begun + 1 - done, done)
        self.ask("begin_instance", token.element, body, scope, begun + 1)
        self.put(self.open_frame("instance", token, scope), token.element)

    def end_instance(self, frame: Frame) -> None:
        """One instance of a loop is done."""
        token = frame.holder
        assert token is not None
        loop = _loop(token)
        total, begun, done = token.notes["loop"]
        done += 1
        token.notes["loop"] = [total, begun, done]
        body = element_key(token.scope, token.notes["body"])
        number = int(frame.scope.rpartition("#")[2])
        self.ask("count_instances", body, total, begun - done, done)
        is_over = loop.completion is not None and self.ask("holds", loop.completion, frame.scope)
        self.ask("end_instance", token.element, body, frame.scope, number)
        token.frames.remove(frame)
        if loop.kind == "standard":
            is_over = not self._goes_on(token, loop, done)
        if is_over or (loop.kind != "standard" and done == total):
            self._end_loop(token)
        elif loop.kind != "parallel":
            self._begin_instance(token)

    def _goes_on(self, token: Token, loop: Loop, done: int) -> bool:
        if loop.maximum is not None and done >= loop.maximum:
            return False
        body = element_key(token.scope, token.notes["body"])
        return loop.condition is None or bool(self.ask("holds", loop.condition, body))

    def _end_loop(self, token: Token) -> None:
        for frame in token.frames:
            self.clear(frame)
        token.frames.clear()
        body = element_key(token.scope, token.notes.pop("body"))
        del token.notes["loop"]
        self.ask("end_loop", token.element, token.scope, body)
        self.completed(token)

    @abstractmethod
    def completed(self, token: Token) -> None:
        """An activity with all its instances is done."""


def _loop(token: Token) -> Loop:
    loop = token.element.loop
    assert loop is not None
    return loop
