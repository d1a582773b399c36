"""A record behaves as the standard library's frozen, slotted dataclass does, and costs nothing before its first use."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.records import field, field_names, is_record, record, replace

MAKERS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "ours": (record, field),
    "library": (dataclasses.dataclass(frozen=True, slots=True), dataclasses.field),
}


@record
class Point:
    """A plain one."""

    x: float
    y: float = 0.0

    @property
    def far(self) -> bool:
        return self.x > 10


@record
class Sum:
    """One with a field that it works out itself, as a network has."""

    parts: tuple[int, ...]
    note: str = field(default="", compare=False, repr=False)
    total: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", sum(self.parts))


@record(frozen=False)
class Draft:
    """One that is filled in bit by bit."""

    names: list[str] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict, init=False)


@record(eq=False)
class Alone:
    """One that is like no other."""

    x: int


def both(spec: dict[str, Any], **methods: Any) -> SimpleNamespace:
    """Return the same class, made by both; `spec` gives each field's default, or what `field` is told."""
    made = {}
    for name, (make, say) in MAKERS.items():
        stated = {key: value for key, value in spec.items() if value != ...}
        values = {key: say(**value) if isinstance(value, dict) else value for key, value in stated.items()}
        made[name] = make(type("Made", (), {"__annotations__": dict.fromkeys(spec, "object"), **values, **methods}))
    return SimpleNamespace(**made)


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call gives, or how it fails."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


fields = st.lists(
    st.one_of(
        st.just(...),
        st.integers(0, 3),
        st.just({"default_factory": list}),
        st.just({"default": 7, "compare": False, "repr": False}),
        st.just({"default": 7, "init": False}),
        st.just({"default_factory": dict, "init": False, "compare": False}),
    ),
    max_size=6,
).map(lambda said: sorted(said, key=lambda each: each is not ...))  # fields without a default come first
values = st.lists(st.one_of(st.integers(0, 2), st.just(float("nan")), st.text(max_size=1)), max_size=7)


@given(fields, values, values, st.integers(0, 6))
def test_a_record_is_made_shown_and_compared_as_a_dataclass_is(
    said: list[Any], first: list[Any], second: list[Any], named: int
) -> None:
    kinds = both({f"f{i}": each for i, each in enumerate(said)})
    ours, library = (outcome(lambda kind=kind: kind(*first)) for kind in (kinds.ours, kinds.library))
    assert str(ours) == str(library)
    words = {f"f{i}": value for i, value in enumerate(second)} | {f"f{named}": 1}
    others = [outcome(lambda kind=kind: kind(**words)) for kind in (kinds.ours, kinds.library)]
    assert str(others[0]) == str(others[1])
    if not isinstance(ours, tuple) and not isinstance(others[0], tuple):
        assert (ours == others[0]) == (library == others[1])
        assert (outcome(lambda: hash(ours)) == outcome(lambda: hash(others[0]))) == (
            outcome(lambda: hash(library)) == outcome(lambda: hash(others[1]))
        )
    assert kinds.ours.__match_args__ == kinds.library.__match_args__
    assert [(f.name, f.init, f.repr, f.compare, f.default) for f in dataclasses.fields(kinds.ours)] == [
        (f.name, f.init, f.repr, f.compare, f.default) for f in dataclasses.fields(kinds.library)
    ]


def test_a_field_cannot_be_set_or_deleted() -> None:
    point = Point(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.z = 2.0  # type: ignore[attr-defined]
    assert point == Point(1.0, 0.0)


def test_a_record_has_slots_and_no_room_for_more() -> None:
    assert not hasattr(Point(1.0), "__dict__")
    with pytest.raises(AttributeError):
        Draft().other = 1  # type: ignore[attr-defined]


def test_one_that_is_filled_in_may_be_set_and_has_no_hash() -> None:
    draft = Draft()
    draft.names = ["a"]
    draft.hidden["a"] = 1
    assert repr(draft) == "Draft(names=['a'], hidden={'a': 1})"
    assert Draft(["a"]) != draft
    assert Draft().names is not Draft().names
    with pytest.raises(TypeError, match="unhashable"):
        hash(draft)


def test_one_that_is_like_no_other_equals_itself_alone() -> None:
    one = Alone(1)
    assert one == one
    assert one != Alone(1)
    assert len({one, Alone(1), one}) == 2


def test_records_of_two_classes_are_never_equal() -> None:
    assert both({"x": ...}).ours(1) != both({"x": ...}).ours(1)
    assert Point(1.0).__eq__((1.0, 0.0)) is NotImplemented


def test_what_a_record_works_out_itself_is_neither_asked_for_nor_compared() -> None:
    made = Sum((1, 2), "first")
    assert made.total == 3
    assert made == Sum((1, 2), "second")
    assert hash(made) == hash(Sum((1, 2), "second"))
    assert repr(made) == "Sum(parts=(1, 2))"
    with pytest.raises(TypeError):
        Sum((1, 2), total=4)  # type: ignore[call-arg]


def test_replacing_makes_it_anew_by_either_function() -> None:
    for function in (replace, dataclasses.replace):
        assert function(Sum((1, 2), "n"), parts=(5,)).total == 5
        assert function(Point(1.0, 2.0), y=3.0) == Point(1.0, 3.0)
        with pytest.raises(TypeError):
            function(Point(1.0), z=3.0)  # type: ignore[call-arg]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_record_travels_to_another_process_even_before_it_was_used_there(protocol: int) -> None:
    for each in (Point(1.0, 2.0), Sum((1, 2), "n"), Draft(["a"])):
        if protocol >= 2:  # slots need it, of a dataclass as of a record
            assert pickle.loads(pickle.dumps(each, protocol)) == each
    assert copy.copy(Sum((1, 2))).total == 3
    deep = copy.deepcopy(Draft(["a"]))
    assert deep == Draft(["a"])


def test_the_library_takes_a_record_for_a_dataclass() -> None:
    assert dataclasses.is_dataclass(Point)
    assert dataclasses.asdict(Sum((1, 2))) == {"parts": (1, 2), "note": "", "total": 3}
    assert dataclasses.astuple(Point(1.0)) == (1.0, 0.0)
    assert [each.name for each in dataclasses.fields(Draft())] == ["names", "hidden"]


def test_a_record_knows_its_fields() -> None:
    assert field_names(Sum) == field_names(Sum((1,))) == ("parts", "note", "total")
    assert [is_record(each) for each in (Point(1.0), Point, 1, None)] == [True, False, False, False]


def test_a_record_is_matched_by_place() -> None:
    match Point(1.0, 2.0):
        case Point(x, y):
            assert (x, y) == (1.0, 2.0)


def test_a_record_that_holds_itself_is_shown_once() -> None:
    draft = Draft()
    draft.names.append(draft)  # type: ignore[arg-type]
    assert repr(draft) == "Draft(names=[...], hidden={})"


def test_what_a_class_writes_itself_stays() -> None:
    @record
    class Loud:
        x: int

        def __repr__(self) -> str:
            return "LOUD"

        def __hash__(self) -> int:
            return 1

    assert (repr(Loud(1)), hash(Loud(1))) == ("LOUD", 1)


def test_a_plain_class_may_stand_on_a_record() -> None:
    class Further(Point):
        def twice(self) -> float:
            return 2 * self.x

    assert Further(4.0).twice() == 8.0
    assert Point(4.0) == Point(4.0)


def test_a_record_refuses_what_it_cannot_be() -> None:
    with pytest.raises(TypeError, match="inherits"):
        record(type("Child", (Point,), {"__annotations__": {}}))
    with pytest.raises(ValueError, match="default_factory"):
        record(type("Shared", (), {"__annotations__": {"x": "list"}, "x": []}))


def test_the_methods_of_a_record_are_written_when_they_are_first_called() -> None:
    made = both({"x": ...}).ours
    waiting = made.__init__, made.__eq__, made.__hash__
    one = made(1)
    assert (made.__init__ is not waiting[0], made.__eq__ is waiting[1], made.__hash__ is waiting[2]) == (True,) * 3
    assert one == made(1)
    assert hash(one) == hash(made(1))
    assert made.__eq__ is not waiting[1]
    assert made.__hash__ is not waiting[2]
    assert made.__init__.__qualname__ == "Made.__init__"
