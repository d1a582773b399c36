"""A second opinion on a design: its requests simulated event by event, as time goes by.

Nothing here is shared with the measures or their mathematics; only the compiled design is read. Requests arrive at
random; components work on them, alone or with a queue in front; calls time out and are tried again, hedges are sent,
quorums waited for; replicas break and are repaired. Every number comes with the interval in which it lies.

    engine       the clock, stations with their queues, times drawn at random
    routes       what a flow's arrows say
    requests     one request on its way
    world        a run: arrivals, and what became of them
    outages      another: what is up when requests arrive
    statistics   intervals, by batch means
"""
