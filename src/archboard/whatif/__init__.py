"""Questions that ask a design again and again: at which value a promise just holds, and what a grid of settings gives.

Each trial is the compiler's own entry, a reading and its changes; nothing is computed here but where to look.
"""
