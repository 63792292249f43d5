"""Ready sources for the databases and files of applications. One module for each, imported when it is named."""
