"""The beginnings of a design: a shipped pattern under a new name, or a first design sized from load and SLA."""
