"""One gene, one name: spellings and former names of the labels become those of the expression."""
