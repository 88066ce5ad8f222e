"""The test bed: a throwaway PostgreSQL, fresh databases, and the check of the built wheel."""
