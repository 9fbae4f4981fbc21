"""The ``aicc`` command line."""
