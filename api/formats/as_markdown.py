def write(book):
    return [b"stub"]
