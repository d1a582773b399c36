"""The standard normal distribution, scalar, without the start-up cost of `statistics`.

`cdf` and `upper` are accurate to an ulp or two over the whole range (the C library's erfc); `quantile` is
AS 241 (Wichura 1988, PPND16), relative error about 1e-16.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_REACH = 9  # |z| where the tail, 1e-19, is below what an array of probabilities can tell from 0 or 1
_STEPS = 128  # table entries per unit of z
_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)

# AS 241: numerator and denominator, highest power first, for the centre, the middle and the far tail.
_CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
_MIDDLE = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
_FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)


def density(z: float) -> float:
    """Return the density at z."""
    return math.exp(-0.5 * z * z) / _ROOT_TWO_PI


def cdf(z: float) -> float:
    """Return the probability of a value at most z."""
    return 0.5 * math.erfc(-z * _ROOT_HALF)


def upper(z: float) -> float:
    """Return the probability of a value above z, exact in the far tail where `1 - cdf` is not."""
    return 0.5 * math.erfc(z * _ROOT_HALF)


def cdf_array(z: NDArray[float64]) -> NDArray[float64]:
    """Return the probabilities of values at most z, within 1e-14 absolute; numpy has no erf.

    A Taylor series of four terms about the nearest of 2,305 tabled points: its remainder is 1e-14.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    below, density_at = _table()
    z = np.clip(z, -_REACH, _REACH)
    steps = np.rint(z * _STEPS)
    at = steps * (1 / _STEPS)
    by = z - at
    index = (steps + _REACH * _STEPS).astype(np.intp)
    square = at * at
    series = by * (square - 3) * at * (-1 / 24) + (square - 1) * (1 / 6)
    series = (series * by - at * 0.5) * by + 1
    return below[index] + density_at[index] * by * series


@cache
def _table() -> tuple[NDArray[float64], NDArray[float64]]:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    points = [step / _STEPS for step in range(-_REACH * _STEPS, _REACH * _STEPS + 1)]
    return np.array([cdf(z) for z in points]), np.array([density(z) for z in points])


@lru_cache(maxsize=4096)
def quantile(q: float) -> float:
    """Return z with `cdf(z) == q`; minus infinity at 0, infinity at 1. AS 241."""
    if not 0 < q < 1:
        return math.copysign(math.inf, q - 0.5)
    offset = q - 0.5
    if abs(offset) <= 0.425:
        return offset * _ratio(_CENTRE, 0.180625 - offset * offset)
    depth = math.sqrt(-math.log(min(q, 1 - q)))
    far = _ratio(_MIDDLE, depth - 1.6) if depth <= 5 else _ratio(_FAR, depth - 5)
    return math.copysign(far, offset)


def quantile_array(q: NDArray[float64]) -> NDArray[float64]:
    """Return z with `cdf(z) == q` for each q, as `quantile` does."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    def ratio(table: tuple[tuple[float, ...], tuple[float, ...]], x: NDArray[float64]) -> NDArray[float64]:
        over, under = (np.polyval(row, x) for row in table)
        quotient: NDArray[float64] = np.divide(over, under)
        return quotient

    offset = q - 0.5
    z = offset * ratio(_CENTRE, 0.180625 - offset * offset)
    outer = np.abs(offset) > 0.425
    rest = np.minimum(q, 1 - q)[outer]
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.sqrt(-np.log(rest))
        far = np.where(depth <= 5, ratio(_MIDDLE, depth - 1.6), ratio(_FAR, depth - 5))
    z[outer] = np.copysign(np.where(rest > 0, far, np.inf), offset[outer])
    return z


def _ratio(table: tuple[tuple[float, ...], tuple[float, ...]], x: float) -> float:
    over = under = 0.0
    for a, b in zip(*table, strict=True):
        over = over * x + a
        under = under * x + b
    return over / under
