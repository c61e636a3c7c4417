"""Models and baselines: everything that scores a TF -> gene pair, and the parts that they are made of."""
