"""Faults that happen to every service: what must hold through each, and a control of each that must not hold."""
