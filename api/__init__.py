"""The REST service: how a request becomes a response."""
