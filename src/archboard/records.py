"""Records: a class's annotated fields → a frozen, slotted class whose methods are written when they are first called.

`@record` is `@dataclass(frozen=True, slots=True)` and behaves like it, whatever `dataclasses` does with a class
included. The library compiles half a dozen methods of each class as it is made, called or not, and a check makes two
hundred classes: that took as long as all the numbers. Here a class costs little more than its fields; `__init__`,
`__eq__` and `__hash__` are compiled at their first call, and the rest is one function for all records.

A record inherits from nothing and its annotations are its fields: no `ClassVar`, no `InitVar`, no `super()` within.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from reprlib import recursive_repr
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from dataclasses import Field, field, replace
else:

    def field(*, default=..., default_factory=..., init=True, repr=True, compare=True):
        """Say more of a field than its default: what makes it, and whether it is asked for, shown and compared."""
        return _Said(default, default_factory, init, repr, compare)

    def replace(item, /, **changes):
        """Return a record with some fields changed."""
        for name in item.__match_args__:
            if name not in changes:
                changes[name] = getattr(item, name)
        return item.__class__(**changes)


__all__ = ["field", "field_names", "is_record", "record", "replace", "shallow"]

Class = TypeVar("Class", bound=type)


class _Said(NamedTuple):
    """What is said of one field; an ellipsis where there is no default."""

    default: Any = ...
    factory: Any = ...
    init: bool = True
    repr: bool = True
    compare: bool = True


@overload
def record(cls: Class, /) -> Class: ...
@overload
def record(*, frozen: bool = True, eq: bool = True) -> Callable[[Class], Class]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type | None = None, /, *, frozen: bool = True, eq: bool = True) -> Any:
    """Make a class a record; `frozen=False` for one that is filled in bit by bit, `eq=False` for one like no other."""
    return (lambda cls: _made(cls, frozen, eq)) if cls is None else _made(cls, frozen, eq)


def is_record(item: object) -> bool:
    """Whether something is a record, not the class of one."""
    return hasattr(type(item), "__record__")


def field_names(item: object) -> tuple[str, ...]:
    """Return the names of the fields of a record, or of a class of records."""
    return tuple(_fields(item))


def shallow(item: object) -> dict[str, Any]:
    """Return the fields of a record with their values."""
    return {name: getattr(item, name) for name in field_names(item)}


def _fields(item: Any) -> dict[str, _Said]:
    fields: dict[str, _Said] = item.__record__
    return fields


def _made(cls: type, frozen: bool, eq: bool) -> type:
    """Return the class anew: slots cannot be given to one that is there."""
    if cls.__bases__ != (object,):
        raise TypeError(f"{cls.__qualname__} inherits, and a record does not")
    own = dict(cls.__dict__)
    del own["__dict__"], own["__weakref__"]
    fields: dict[str, _Said] = {}
    optional = False
    for name in cls.__annotations__:
        said = own.pop(name, ...)
        fields[name] = said = said if isinstance(said, _Said) else _Said(said)
        if type(said.default).__hash__ is None:
            raise ValueError(f"the default of {cls.__qualname__}.{name} can change: make it with a default_factory")
        optional = optional or (said.init and (said.default is not ... or said.factory is not ...))
        if optional and said.init and said.default is ... and said.factory is ...:
            raise TypeError(f"non-default argument {name!r} follows default argument")
    own["__slots__"] = tuple(fields)
    own["__record__"] = fields
    own["__match_args__"] = tuple(name for name, said in fields.items() if said.init)
    return type(cls.__name__, (object,), _COMMON | (_FROZEN if frozen else {}) | _compared(frozen, eq) | own)


def _compared(frozen: bool, eq: bool) -> dict[str, Any]:
    return {"__eq__": _eq, "__hash__": _hash if frozen else None} if eq else {}


def _owner(item: object) -> Any:
    """Return the record among the classes of an item: a plain class may stand on it."""
    return next(cls for cls in type(item).__mro__ if "__record__" in cls.__dict__)


def _put(cls: type, method: Any) -> Any:
    """Give a class its method, as if it had been written in it."""
    method.__qualname__, method.__module__ = f"{cls.__qualname__}.{method.__name__}", cls.__module__
    setattr(cls, method.__name__, method)
    return method


def _init(self: object, /, *values: Any, **named: Any) -> None:
    """Write the real `__init__` and call it."""
    cls, scope, shape = _owner(self), {}, ""
    for i, (name, said) in enumerate(_fields(self).items()):
        scope[f"set{i}"] = cls.__dict__[name].__set__  # past `__setattr__`, which a frozen record refuses
        scope[f"said{i}"] = said.default if said.factory is ... else said.factory
        made = said.factory is not ...
        shape += "gi"[made] if said.init else "m" if made else "-" if said.default is ... else "d"
    code = _body(shape, hasattr(cls, "__post_init__")).replace(co_varnames=("self", *cls.__match_args__))
    asked = [said for said in _fields(self).values() if said.init]
    defaults = tuple(said.default for said in asked if said.default is not ... or said.factory is not ...)
    _put(cls, FunctionType(code, scope, "__init__", defaults))(self, *values, **named)


@cache
def _body(shape: str, post_init: bool) -> CodeType:
    """Return the code of an `__init__` for any names of its fields.

    `shape` has a letter for each: given (g), given or made by its factory (i), made (m), its default (d), none (-).
    """
    value = {"g": "v{0}", "i": "said{0}() if v{0} is ... else v{0}", "m": "said{0}()", "d": "said{0}"}
    lines = [f"set{i}(self, {value[kind].format(i)})" for i, kind in enumerate(shape) if kind in value]
    lines += ["self.__post_init__()"] if post_init else []
    parameters = ", ".join(("self", *(f"v{i}" for i, kind in enumerate(shape) if kind in "gi")))
    scope: dict[str, Any] = {}
    exec(f"def __init__({parameters}):\n " + "\n ".join(lines or ["pass"]), scope)
    code: CodeType = scope["__init__"].__code__
    return code


def _write(item: object, name: str, parameters: str, line: str) -> Any:
    """Compile a method of one line, put it in its place and return it."""
    scope: dict[str, Any] = {}
    exec(f"def {name}({parameters}): {line}", scope)
    return _put(_owner(item), scope[name])


def _compared_fields(item: object, of: str) -> str:
    """Return the code for the values that are compared, as a tuple."""
    return "(" + "".join(f"{of}.{name}, " for name, said in _fields(item).items() if said.compare) + ")"


def _eq(self: object, other: object) -> Any:
    """Write the real `__eq__` and call it."""
    same = f"{_compared_fields(self, 'self')} == {_compared_fields(self, 'other')}"
    line = f"return {same} if other.__class__ is self.__class__ else NotImplemented"
    return _write(self, "__eq__", "self, other", line)(self, other)


def _hash(self: object) -> int:
    """Write the real `__hash__` and call it."""
    found: int = _write(self, "__hash__", "self", f"return hash({_compared_fields(self, 'self')})")(self)
    return found


@recursive_repr()
def _repr(self: object) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, said in _fields(self).items() if said.repr)
    return f"{type(self).__qualname__}({shown})"


def _frozen_set(self: object, name: str, value: object) -> NoReturn:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - who makes no mistake need not wait for it

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _frozen_delete(self: object, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - who makes no mistake need not wait for it

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: object) -> list[Any]:
    return [getattr(self, name) for name in _fields(self)]


def _setstate(self: object, state: list[Any]) -> None:
    for name, value in zip(_fields(self), state, strict=True):
        object.__setattr__(self, name, value)


class _LibraryFields:
    """What `dataclasses` knows a dataclass by, made when it asks."""

    def __get__(self, item: object, cls: Any) -> dict[str, Field[Any]]:
        import dataclasses  # noqa: PLC0415 - few ask, and a check need not wait for it

        specified = []
        for name, said in _fields(cls).items():
            given = {"default": said.default, "default_factory": said.factory}
            given = {key: value for key, value in given.items() if value is not ...}
            made: Any = dataclasses.field(init=said.init, repr=said.repr, compare=said.compare, **given)
            specified.append((name, cls.__annotations__[name], made))
        twin: Any = dataclasses.make_dataclass(cls.__name__, specified)
        found: dict[str, Field[Any]] = twin.__dataclass_fields__
        return found


_COMMON = {
    "__init__": _init,
    "__repr__": _repr,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
    "__dataclass_fields__": _LibraryFields(),
}
_FROZEN = {"__setattr__": _frozen_set, "__delattr__": _frozen_delete}
