"""What a township does with a case beside its process: intake, parties, corrections, dispatch, work given on."""
