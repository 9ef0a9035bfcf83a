"""Runs the command line as ``python -m karlint``."""

from karlint.cli import main

if __name__ == "__main__":
    main()
