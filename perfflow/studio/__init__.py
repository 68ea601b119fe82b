"""Deployments: what process admins publish, with findings and versions."""
