"""Where outside systems meet the engine: the protocols of adapters and ledgers, and which are installed."""
