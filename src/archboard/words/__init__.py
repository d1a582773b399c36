"""Words: what is found, as sentences that the reports, the checks and the what-ifs share. Formats, never computes."""
