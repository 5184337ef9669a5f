"""``python -m wizard`` is ``postal-wizard``."""

from wizard.cli.main import main

if __name__ == "__main__":
    main()
