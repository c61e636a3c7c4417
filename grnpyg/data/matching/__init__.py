"""One name a gene: spellings, former names, id maps, and the names of the expression."""
