"""Pure functions on numbers: they know no design, no file and no report.

distribution  the latency of one hop
network       an activity network of hops: series, forks, alternatives
budget        the whiteboard's answers: worst path, sum of percentiles, bound under any dependence
grid          the independent answer, with a certified bracket (timing: its algebra; transforms: its cells)
closed        the independent answer where a formula exists
correlation   the percentile when hops tend to be slow together (tied: one hop of such a flow)
worst_case    the percentile under the worst dependence there is
mean          the mean of a flow
queues        Little, Erlang, M/M/c, Allen–Cunneen, replicas
retries       attempts, timeouts, the load that retries make
fanout        many asked at once, and how many must answer
reliability   replicas, spares, repair, downtime
normal        the normal distribution, on which the lognormals stand (curve: the one through percentiles)
memory        weights, KV cache, what fits a GPU, how fast it decodes
cost          per million requests and tokens, and a month's bill
search        the time at which something is reached
drift         how far a distribution has moved: PSI, Kullback–Leibler, Jensen–Shannon
tails         percentiles from a mean and a standard deviation, and what "mean + 3σ" is worth
caches        what passes a cache, and the mean with one
scaling       what a faster part and a larger batch are worth

Units are SI: seconds, requests per second, probabilities from 0 to 1. Importing any of these does
not import numpy.
"""
