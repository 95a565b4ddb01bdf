"""``python -m bot``: the command line, where the console script ``tocsin`` is not on the path."""

from bot.cli import main

if __name__ == "__main__":
    main()
