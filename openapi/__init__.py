"""The OpenAPI document: made from plain operations, and compared with the one that was committed."""
