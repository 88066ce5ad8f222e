"""The deadlines of one case: as they are kept, planned, ended, pressed for."""
