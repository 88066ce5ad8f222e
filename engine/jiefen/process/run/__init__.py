"""How a model runs, on SpiffWorkflow."""
