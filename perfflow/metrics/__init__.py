"""The metric catalogue and its values with source and batch."""
