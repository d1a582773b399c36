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
normal        the normal distribution, on which the lognormals stand (curve: the one through percentiles)
search        the time at which something is reached

Units are SI: seconds, requests per second, probabilities from 0 to 1. Importing any of these does
not import numpy.
"""
