"""The explorer: pages for people who look, made of the answers that the API gives to other systems."""
