"""Everything that knows SQLAlchemy: the schema, its migrations, and the queries. Rows only, no rules."""
