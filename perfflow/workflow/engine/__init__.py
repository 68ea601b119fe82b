"""Running token states: own task specs on SpiffWorkflow, state codec, expressions, steps."""
