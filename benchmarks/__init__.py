"""Measurements, each as a ratio within one run. `make bench` makes the table of README.md."""
