"""The network: every candidate pair of a run scored, calibrated, ranked and written."""
