"""A BPMN file as we read it."""
