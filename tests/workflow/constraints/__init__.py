"""The rules of the BPMN standard, each with a valid model and a twin that breaks it."""
