"""`python -m adaptbench`: the command line, where its script is not on the path."""

from evals.cli.main import main

if __name__ == "__main__":
    main()
