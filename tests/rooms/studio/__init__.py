"""Tests of the deployments page."""
