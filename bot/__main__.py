"""`python -m bot` is `ouistop`."""

from bot.cli import main

main()
