"""The pages on which process admins check, publish and look back at deployments."""
