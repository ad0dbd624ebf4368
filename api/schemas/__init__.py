"""What goes in and comes out: input is checked by these, output is described by them."""
