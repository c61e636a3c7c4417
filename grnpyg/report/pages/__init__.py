"""What a report shows: of a network, of a run, of a study."""
