"""The views: one noun or question per file, each the pages about it."""
