"""What is declared: laws, instances and what they offer, settings, known failures."""
