"""What `import grnpyg` offers: GRNs, splits, predictors and evaluations in memory."""
