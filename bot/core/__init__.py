"""The pure floor: no I/O, no clock, no dice, no logging. Everything here can be called in a test as it stands."""
