"""One run of a token state: passes automatic steps until only waiting points are left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import codec
from perfflow.workflow.engine.graph import ACTIVITIES, SUB_PROCESSES
from perfflow.workflow.engine.rests import element_key, Rest, rests_of, Waiting
from perfflow.workflow.engine.tokens import Frame, frames_of, Token
from perfflow.workflow.engine.undoing import Undoing

MAX_AUTOMATIC_STEPS = 10_000
AUTOMATIC_WORK = frozenset({"serviceTask", "scriptTask", "businessRuleTask", "sendTask"})


class TokenEngine(Undoing):
    """The tokens of one instance: started or loaded, moved by one operation, and saved."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._rounds: dict[tuple[int, str], int] = {}  # how often an event was armed in this run

    # -- life ---------------------------------------------------------------------------------

    def start(self, start_event: str = "") -> None:
        """A new instance, at the start event that was triggered or those without a trigger."""
        graph = self.index.graphs[self.main]
        self.root = Frame("process", graph, "", next(self.numbers))
        starts = [graph.element(start_event)] if start_event else self.none_starts(self.root)
        for element in starts:
            self.put(self.root, element)
        self.run()

    def load(self, blob: bytes) -> None:
        """An instance as it was saved."""
        self.root = codec.decode(blob, self.index, self.main)
        tokens = [] if self.root is None else [t for f in frames_of(self.root) for t in f.tokens]
        self._alive = len(tokens)
        self.numbers = count(2 * len(tokens) + 1_000_000)

    def save(self) -> bytes:
        """The bytes of where the tokens stand now."""
        if self.root is not None:
            codec.settle(self.root)
        return codec.encode(self.root, self.index)

    @property
    def is_completed(self) -> bool:
        return self.root is None

    def cancel(self) -> None:
        """End everything at once."""
        self.ready.clear()
        self.root = None

    # -- operations ---------------------------------------------------------------------------

    def complete_user_task(self, scope: str, element_id: str, slot: int) -> None:
        """The token at that user task goes on."""
        rest = self.rest(element_key(scope, element_id), slot, ("task",))
        if rest is None or rest.token is None:
            raise RuleViolation("workflow.no_token", element=element_key(scope, element_id))
        self.passed(rest.token)
        self.finish(rest.token)
        self.run()

    def fire(self, key: str, slot: int, kinds: tuple[str, ...], rearm: bool = False) -> bool:
        """The timer or message at that waiting point happens; False when nothing waits there.

        ``rearm`` lets an event that does not interrupt happen again.
        """
        rest = self.rest(key, slot, kinds)
        if rest is None:
            return False
        self._happen(rest, rearm)
        self.run()
        return True

    def run(self) -> None:
        """Pass automatic steps until nothing moves by itself."""
        steps = 0
        self._settle_conditions()
        while self.root is not None:
            if not self.ready:
                if not self.settle_joins():
                    break
                continue
            token = self.ready.popleft()
            if not token.is_alive:
                continue
            steps += 1
            if steps > MAX_AUTOMATIC_STEPS:
                raise RuleViolation("workflow.endless", element=token.element.original_id)
            self._step(token)
            self._settle_conditions()
        if self.root is not None:
            codec.settle(self.root)

    # -- waiting points -----------------------------------------------------------------------

    def _rests(self) -> Iterator[Rest]:
        return iter(()) if self.root is None else rests_of(frames_of(self.root))

    def waiting(self) -> dict[Any, Waiting]:
        """Tokens at rest by an identity that holds during this run."""
        found: dict[Any, Waiting] = {}
        slots: dict[tuple[str, str], int] = {}
        for rest in self._rests():
            if rest.kind == "conditional":
                continue  # asked by every step, nothing outside waits for it
            key = (element_key(rest.frame.scope, rest.element.id), rest.kind)
            slot = slots[key] = slots.get(key, -1) + 1
            place = (rest.holder.number, rest.element.id)
            found[*place, self._rounds.get(place, 0)] = Waiting(
                rest.kind, rest.frame.scope, rest.element, slot
            )
        return found

    def rest(self, key: str, slot: int, kinds: tuple[str, ...]) -> Rest | None:
        """What rests at that place; None when nothing does."""
        slots = 0
        for rest in self._rests():
            if rest.kind in kinds and element_key(rest.frame.scope, rest.element.id) == key:
                if slots == slot:
                    return rest
                slots += 1
        return None

    # -- events -------------------------------------------------------------------------------

    def _happen(self, rest: Rest, rearm: bool) -> None:
        """What was waited for is here."""
        token, event = rest.token, rest.event
        if event.needs_all_parts and not self._has_all(rest):
            return
        if rest.how == "handler":
            if not event.is_interrupting:
                self._again(rest, rearm)
            assert rest.owner is not None
            self.fire_handler(rest.frame, rest.owner, event)
            return
        assert token is not None
        if rest.how == "boundary":
            if not event.is_interrupting:
                self._again(rest, rearm)
            self.fire_boundary(token, event)
        elif rest.how == "choice":
            caught = self.put(token.frame, event)
            self.remove(token)
            self.ready.remove(caught)
            self.passed(caught)
            self.finish(caught)
        else:
            self.passed(token)
            self.finish(token)

    @staticmethod
    def _has_all(rest: Rest) -> bool:
        """Note that one trigger of several has come; True with the last one."""
        names = {part.id for part in rest.event.parts}
        got = {*rest.holder.notes.get("got", ()), rest.element.id}
        if names <= got:
            got -= names
        rest.holder.notes["got"] = sorted(got)
        if not got:
            del rest.holder.notes["got"]
        return rest.element.id not in got

    def _again(self, rest: Rest, rearm: bool) -> None:
        place = (rest.holder.number, rest.element.id)
        self._rounds[place] = self._rounds.get(place, 0) + 1
        if not rearm:
            rest.holder.notes["spent"] = sorted([*rest.holder.notes.get("spent", ()), place[1]])

    def _settle_conditions(self) -> None:
        """Conditional events happen at the moment when their condition becomes true."""
        if not self.index.has_conditions:
            return
        for rest in [rest for rest in self._rests() if rest.kind == "conditional"]:
            if self.root is None or not rest.is_alive:
                continue
            is_true = self.ask("holds", rest.element.condition or "", rest.frame.scope)
            met = set(rest.holder.notes.get("met", ()))
            if is_true and rest.element.id not in met:
                self._note_met(rest, met | {rest.element.id})
                self._happen(rest, True)
            elif not is_true and rest.element.id in met:
                self._note_met(rest, met - {rest.element.id})

    @staticmethod
    def _note_met(rest: Rest, met: set[str]) -> None:
        if met and rest.how in ("boundary", "handler"):
            rest.holder.notes["met"] = sorted(met)
        else:
            rest.holder.notes.pop("met", None)

    def _throw_signal(self, token: Token, what: Element) -> None:
        """A signal reaches at once what waits for it here, then everybody else."""
        self.ask("send", what, token.scope)
        for rest in [rest for rest in self._rests() if rest.kind == "signal"]:
            if self.root is None or not rest.is_alive:
                continue
            heard = self.ask("hear", what, token.scope, rest.element, rest.frame.scope)
            if heard:
                self._happen(rest, True)

    # -- what a token does at an element ------------------------------------------------------

    def _step(self, token: Token) -> None:
        kind = token.element.kind
        if kind.endswith("Gateway"):
            self.pass_gateway(token)
        elif kind in ACTIVITIES:
            if token.element.loop is not None and token.frame.kind != "instance":
                self.passed(token)
                self.begin_loop(token)
            else:
                self._begin(token)
        elif kind == "intermediateCatchEvent":
            token.is_resting = token.element.event != "link"
            if not token.is_resting:
                self.passed(token)
                self.leave(token)
        else:
            self.passed(token)
            self._pass_event(token)

    def _begin(self, token: Token) -> None:
        element = token.element
        if element.kind in ("userTask", "receiveTask"):
            token.is_resting = True
            return
        self.passed(token)
        if element.kind in AUTOMATIC_WORK:
            failed = self.ask("perform", element, token.scope)
            if failed is not None:
                self.raise_event(token, "error", failed)
                return
            self.finish(token)
        elif element.kind in SUB_PROCESSES or element.kind == "callActivity":
            self.open_scope(token)
        else:
            self.finish(token)

    def _pass_event(self, token: Token) -> None:
        element = token.element
        if element.kind in ("startEvent", "boundaryEvent"):
            self.leave(token)
            return
        for part in element.parts or (element,):
            throw = self._throws.get(part.event)
            if throw is not None and token.is_alive:
                throw(self, token, part)
        if token.is_alive and not token.is_resting:
            self.leave(token)

    def _throw_message(self, token: Token, what: Element) -> None:
        self.ask("send", what, token.scope)

    def _throw_error(self, token: Token, what: Element) -> None:
        self.raise_event(token, "error", what.code)

    def _throw_escalation(self, token: Token, what: Element) -> None:
        self.raise_event(token, "escalation", what.code)

    def _terminate(self, token: Token, _: Element) -> None:
        """Ends the process or sub-process at once; nobody outside hears of it."""
        frame = token.frame
        self.clear(frame)
        frame.notes["shut"] = 1
        self.frame_over(frame)

    def _jump(self, token: Token, _: Element) -> None:
        for target in token.graph.successors(token.element):
            self.put(token.frame, target)
        self.consume(token)

    _throws: dict[str, Callable[[TokenEngine, Token, Element], None]] = {
        "message": _throw_message,
        "signal": _throw_signal,
        "error": _throw_error,
        "escalation": _throw_escalation,
        "terminate": _terminate,
        "link": _jump,
        "compensate": lambda self, token, _: self.throw_compensation(token),
        "cancel": lambda self, token, _: self.cancel_transaction(token),
    }

    # -- endings ------------------------------------------------------------------------------

    def finish(self, token: Token) -> None:
        """The activity of a token is done, or the event it waited for has happened."""
        if token.frame.kind == "instance":
            self.consume(token)
        else:
            self.completed(token)

    def completed(self, token: Token, inside: list[Any] | None = None) -> None:
        """An activity with all its instances is done: it can be undone, and the token goes on."""
        if token.frame.kind == "handler":
            self.consume(token)
            return
        self.record_done(token, inside or [])
        self.leave(token)

    def frame_over(self, frame: Frame) -> None:
        """No token is left in a frame."""
        holder = frame.holder
        if holder is None:
            self.root = None
        elif frame.kind == "instance":
            self.end_instance(frame)
        elif frame.kind == "handler":
            self.undone(frame)
        else:
            self.close_scope(frame)
            if holder.element.is_event_sub_process:
                self.consume(holder)
            elif frame.kind == "call" or holder.frame.kind == "instance":
                self.finish(holder)
            else:
                self.completed(holder, frame.notes.get("done"))
