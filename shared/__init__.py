"""What the services stand on: domain, contracts, runtime; each floor may look down, never up."""
