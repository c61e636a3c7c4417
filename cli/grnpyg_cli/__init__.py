"""The command line of grnpyg."""
