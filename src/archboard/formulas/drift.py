"""Drift: how far what arrives has moved from what a model was trained on."""

from __future__ import annotations

from archboard.formulas.model import Formula, Input, Topic
from archboard.maths import drift
from archboard.units import Dimension

ACTUAL = Input("actual", "counts or shares per bin, now", Dimension.COUNT, "0.25,0.3,0.45", many=True)
EXPECTED = Input("expected", "counts or shares per bin, in training", Dimension.COUNT, "0.2,0.3,0.5", many=True)
P = Input("p", "counts or shares per bin, now", Dimension.COUNT, "0.25,0.3,0.45", many=True)
Q = Input("q", "counts or shares per bin, in training", Dimension.COUNT, "0.2,0.3,0.5", many=True)

DRIFT = Topic(
    "Drift detection",
    (
        Formula(
            "psi",
            "Population Stability Index",
            "PSI",
            "Σ (actual − expected) × ln(actual ÷ expected)",
            (ACTUAL, EXPECTED),
            Dimension.COUNT,
            drift.psi,
            "the same 10 to 20 bins on both sides, some hundred values in each; an empty bin counts as 0.0001",
            "Lewis (1994); Siddiqi, Credit Risk Scorecards (2006), who acts at 0.25",
            numbers="Σ (a − e) × ln(a ÷ e), a = {actual}, e = {expected}",
            seed="Σ (Actual% - Expected%) × ln(Actual%/Expected%): > 0.1 (warning), >0.2 (action)",
            differs="per cents are fractions here; it also retrains at 0.1 elsewhere; here 0.1 warns",
            readings=((0.1, "above 0.1: warning, look at the feature"), (0.2, "above 0.2: act, retrain")),
        ),
        Formula(
            "kl",
            "Kullback–Leibler divergence",
            "KL",
            "Σ p × ln(p ÷ q)",
            (P, Q),
            Dimension.COUNT,
            drift.kl,
            "natural logarithm; not symmetric; infinite where q is empty and p is not",
            "Kullback and Leibler (1951)",
            numbers="Σ p × ln(p ÷ q), p = {p}, q = {q}",
            seed="Σ P(x) × log(P(x)/Q(x)): > 0.05 for categorical",
            differs="which logarithm is left open: with base 2 everything is 1.44 times as large",
            unit="nats",
            readings=((0.05, "above 0.05: drift, for categories"),),
        ),
        Formula(
            "jensen-shannon",
            "Jensen–Shannon divergence",
            "JS",
            "½ KL(p, m) + ½ KL(q, m), m = ½ (p + q)",
            (P, Q),
            Dimension.COUNT,
            drift.jensen_shannon,
            "natural logarithm, so at most ln 2 = 0.693; symmetric, and finite with empty bins",
            "Lin (1991)",
            numbers="½ KL(p, m) + ½ KL(q, m), p = {p}, q = {q}",
            seed="0.5 × KL(P|M) + 0.5 × KL(Q|M): > 0.1",
            differs="M is the mean of P and Q; some libraries give the square root, the distance, which is larger",
            unit="nats",
            readings=((0.1, "above 0.1: drift"),),
        ),
    ),
)
