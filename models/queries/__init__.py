"""The questions: one a file; session and lens in, frozen values or rows out, a fixed number of statements."""
