"""Cost: the month's bill, and what it comes to a request and a token."""

from __future__ import annotations

from archboard.formulas.model import POSITIVE, Formula, Input, Topic
from archboard.maths import cost
from archboard.units import HOURS, MONTH, Dimension

PRICE = Input("price", "dollars an hour", Dimension.MONEY, "$1.50/h", per="h")
REPLICAS = Input("replicas", "how many run", Dimension.COUNT, "20")
RATE = Input("rate", "requests a second", Dimension.RATE, "10k rps", within=POSITIVE)


def _monthly(
    gpu_hours: float, gpu_price: float, cpu_hours: float, cpu_price: float,
    storage: float, storage_price: float, egress: float, egress_price: float,
) -> float:  # fmt: skip
    return cost.monthly(gpu_hours, gpu_price, cpu_hours, cpu_price, storage, egress, storage_price, egress_price)


COSTS = Topic(
    "Cost",
    (
        Formula(
            "monthly-cost",
            "a month's bill",
            "cost a month",
            "{gpu_hours} × {gpu_price} + {cpu_hours} × {cpu_price} + {storage} × {storage_price} "
            "+ {egress} × {egress_price}",
            (
                Input("gpu_hours", "GPU hours of the month", Dimension.COUNT, "1460", "0"),
                Input("gpu_price", "dollars a GPU hour", Dimension.MONEY, "$2/h", "$2/h", per="h"),
                Input("cpu_hours", "vCPU hours of the month", Dimension.COUNT, "5840", "0"),
                Input("cpu_price", "dollars a vCPU hour", Dimension.MONEY, "$0.04/h", "$0.04/h", per="h"),
                Input("storage", "what is kept", Dimension.SIZE, "500GB", "0B"),
                Input("storage_price", "a month", Dimension.MONEY, "$0.023/GB", "$0.023/GB", per="byte"),
                Input("egress", "what leaves in a month", Dimension.SIZE, "1TB", "0B"),
                Input("egress_price", "dollars a GB that leaves", Dimension.MONEY, "$0.09/GB", "$0.09/GB", per="byte"),
            ),
            Dimension.MONEY,
            _monthly,
            "list prices, which change and differ by region; the defaults are the middle of the ranges below",
            "estimator of the interview sheet",
            seed="Cost = (GPU_hours × GPU_price) + (CPU_hours × CPU_price) + (Storage_GB × 0.023) + (Egress_GB × 0.09)",
        ),
        Formula(
            "replica-cost",
            "a month of what runs always",
            "cost a month",
            "{replicas} × {price} × 730 h",
            (REPLICAS, PRICE),
            Dimension.MONEY,
            lambda replicas, price: replicas * price * HOURS,
            "a month of 730 hours, never scaled down",
            "8,760 hours ÷ 12",
            metric="cost_month",
            reads="price",
        ),
        Formula(
            "cost-request",
            "what a request costs",
            "cost a request",
            "{cost} ÷ ({rate} × 730 h)",
            (Input("cost", "dollars a month", Dimension.MONEY, "$5913"), RATE),
            Dimension.MONEY,
            lambda cost, rate: cost / (rate * MONTH),
            "the rate is the month's mean, not its peak",
            "arithmetic",
            metric="cost_request",
        ),
        Formula(
            "million-requests",
            "what a million requests cost",
            "cost a million",
            "{replicas} × {price} ÷ {rate} × 1,000,000",
            (REPLICAS, PRICE, RATE),
            Dimension.MONEY,
            cost.per_million_requests,
            "the rate is the mean that these replicas serve",
            "arithmetic",
        ),
        Formula(
            "million-tokens",
            "what a million tokens cost",
            "cost a million",
            "{price} ÷ {tokens} × 1,000,000",
            (PRICE, Input("tokens", "tokens a second that it makes", Dimension.RATE, "60 tokens/s", within=POSITIVE)),
            Dimension.MONEY,
            cost.per_million_tokens,
            "always busy: at half the load a token costs twice as much",
            "arithmetic",
            metric="cost_million_tokens",
        ),
    ),
    notes=(
        "List prices, roughly: A10G $1.50–2.50/h, as spot $0.45–0.80/h; vCPU $0.03–0.05/h",
        "egress $0.09/GB, less within a region; S3 standard $0.023/GB a month",
    ),
)
